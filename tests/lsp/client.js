// Drives `kfpc lsp` as an editor does, through the client library that editors use.
// client.js FOLDER: the workspace, made anew.  Prints what is not as it should be.
"use strict";
const assert = require("assert");
const child = require("child_process");
const fs = require("fs");
const path = require("path");
const { fileURLToPath, pathToFileURL } = require("url");
const rpc = require("vscode-jsonrpc/node");
const lsp = require("vscode-languageserver-protocol");

const folder = process.argv[2];
const PATIENCE = 30000; // ms for what comes unasked

class Editor {
	constructor(...args) {
		this.process = child.spawn("kfpc", ["lsp", ...args], {
			stdio: ["pipe", "pipe", "pipe"],
		});
		this.said = "";
		this.process.stderr.on("data", (data) => (this.said += data));
		this.ended = new Promise((done) => this.process.on("exit", done));
		this.link = rpc.createMessageConnection(
			new rpc.StreamMessageReader(this.process.stdout),
			new rpc.StreamMessageWriter(this.process.stdin));
		this.published = new Map();
		this.waiting = [];
		this.texts = new Map();
		this.link.onNotification(lsp.PublishDiagnosticsNotification.type, (p) => this.publish(p));
		this.watchers = [];
		this.link.onRequest(lsp.RegistrationRequest.type, (p) => {
			for (const r of p.registrations)
				this.watchers.push(...r.registerOptions.watchers);
		});
		this.faults = [];
		this.link.onError(([fault]) => this.faults.push(fault.message));
		this.link.listen();
	}

	publish(p) {
		this.published.set(p.uri, p);
		this.waiting = this.waiting.filter((w) => !w());
	}

	ask(type, params) {
		return this.link.sendRequest(type, params);
	}

	tell(type, params) {
		return this.link.sendNotification(type, params);
	}

	async start(encodings) {
		const general = encodings ? { positionEncodings: encodings } : {};
		const answer = await this.ask(lsp.InitializeRequest.type, {
			processId: process.pid,
			rootUri: pathToFileURL(folder).href,
			capabilities: {
				general,
				workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
			},
			workspaceFolders: null,
		});
		await this.tell(lsp.InitializedNotification.type, {});
		return answer.capabilities;
	}

	async stop() {
		await this.ask(lsp.ShutdownRequest.type);
		await this.tell(lsp.ExitNotification.type);
		return this.ended;
	}

	open(name, text) {
		const uri = pathToFileURL(path.join(folder, name)).href;
		this.texts.set(uri, { text, version: 1 });
		this.tell(lsp.DidOpenTextDocumentNotification.type, {
			textDocument: { uri, languageId: "kfp", version: 1, text },
		});
		return uri;
	}

	// Replaces the first `from` in the text by `to`, as typing does.
	edit(uri, from, to) {
		const doc = this.texts.get(uri);
		const at = doc.text.indexOf(from);
		assert(at >= 0, `${from} is not in the text`);
		const range = { start: place(doc.text, at), end: place(doc.text, at + from.length) };
		doc.text = doc.text.slice(0, at) + to + doc.text.slice(at + from.length);
		doc.version++;
		this.tell(lsp.DidChangeTextDocumentNotification.type, {
			textDocument: { uri, version: doc.version },
			contentChanges: [{ range, text: to }],
		});
	}

	// The whole text anew.
	replace(uri, text) {
		const doc = this.texts.get(uri);
		doc.text = text;
		doc.version++;
		this.tell(lsp.DidChangeTextDocumentNotification.type, {
			textDocument: { uri, version: doc.version }, contentChanges: [{ text }],
		});
	}

	// Where `mark` is in the text; `skip` characters into it.
	at(uri, mark, skip = 0) {
		const { text } = this.texts.get(uri);
		const at = text.indexOf(mark);
		assert(at >= 0, `${mark} is not in the text`);
		return { textDocument: { uri }, position: place(text, at + skip) };
	}

	slice(uri, range) {
		const { text } = this.texts.get(uri);
		return text.slice(offset(text, range.start), offset(text, range.end));
	}

	// Saves the text, as an editor does.
	save(uri) {
		fs.writeFileSync(fileURLToPath(uri), this.texts.get(uri).text);
		this.tell(lsp.DidSaveTextDocumentNotification.type, { textDocument: { uri } });
	}

	// What the editor's watcher saw on the disk.
	changed(uri, type = lsp.FileChangeType.Changed) {
		this.tell(lsp.DidChangeWatchedFilesNotification.type, { changes: [{ uri, type }] });
	}

	// Bytes that are no message of the library's.
	raw(text) {
		this.process.stdin.write(text);
	}

	// The diagnostics of a file, once `wanted` is true of them.
	diagnostics(uri, wanted) {
		return new Promise((done, failed) => {
			const late = setTimeout(() => failed(new Error(
				"no such diagnostics: " + JSON.stringify(this.published.get(uri)))), PATIENCE);
			const look = () => {
				const p = this.published.get(uri);
				if (!p || p.version !== this.texts.get(uri).version || !wanted(p.diagnostics))
					return false;
				clearTimeout(late);
				done(p.diagnostics);
				return true;
			};
			if (!look())
				this.waiting.push(look);
		});
	}
}

function place(text, at) {
	const before = text.slice(0, at).split("\n");
	return { line: before.length - 1, character: before[before.length - 1].length };
}

function offset(text, position) {
	const lines = text.split("\n");
	let at = 0;
	for (let i = 0; i < position.line; i++)
		at += lines[i].length + 1;
	return at + position.character;
}

function applied(text, edits) {
	const sorted = [...edits].sort((a, b) => offset(text, b.range.start) - offset(text, a.range.start));
	for (const e of sorted)
		text = text.slice(0, offset(text, e.range.start)) + e.newText +
			text.slice(offset(text, e.range.end));
	return text;
}

const codes = (diagnostics) => diagnostics.map((d) => d.code);
const labels = (answer) => answer.items.map((i) => i.label);

module.exports = { Editor, place, offset, applied, codes, labels, folder };

const TYPES = `## What all share.

## How a tree is cut.
enum Rule: gini, entropy

struct Layer:
    ## Neurons.
    units: int
    rate: float = 0.1

## Trains.
component fit(
    ## How fast.
    rate: float = 0.1 where rate > 0,
    rule: Rule = Rule.gini,
) -> (
    model: Model[json],
    ## How good.
    score: Metric,
):
    python:
        import json
        json.dump({"rate": rate, "rule": rule}, open(model_path, "w"))
        score = rate
`;

const MAIN = `from types_ import fit, Layer, Rule as Criterion

const GOAL = 0.5

## The whole.
pipeline main(speed: float = 0.2, layer: Layer = Layer(units=3)) -> (best: float):
    m = fit(rate=speed, rule=Criterion.entropy)
    twice = m.score * 2.0
    for r in [0.1, 0.2]:
        n = fit(rate=r)
    # 한글 😀 in a comment
    note = f"😀 {twice} {layer.units}"
    assert twice > GOAL, note
    return best=twice

test "it":
    stub fit -> (model="main.kfp", score=0.4)
    r = main(speed=0.4)
    assert r.outputs.best == 0.8

config quick for main:
    speed = 0.4
`;

async function scenario() {
	const e = new Editor();
	const can = await e.start();
	assert.strictEqual(can.positionEncoding, "utf-16");
	fs.writeFileSync(path.join(folder, "types_.kfp"), TYPES);
	fs.writeFileSync(path.join(folder, "main.kfp"), MAIN);
	const main = e.open("main.kfp", MAIN);
	assert.deepStrictEqual(codes(await e.diagnostics(main, () => true)), []);

	// Hover: on a component, a task, an argument, an output, a member, a built-in type.
	const hover = async (mark, skip) =>
		(await e.ask(lsp.HoverRequest.type, e.at(main, mark, skip))).contents.value;
	assert.match(await hover("fit(rate=speed"), /component fit\(.*rate: float/s);
	assert.match(await hover("fit(rate=speed"), /Trains\./);
	assert.match(await hover("m = fit"), /\(task\) m = fit\(\.\.\.\)[^]*\.score: Metric/);
	assert.match(await hover("rate=speed"), /\(parameter\) rate: float[^]*How fast[^]*0\.1[^]*rate > 0/);
	assert.match(await hover("score * 2"), /\(output\) score: Metric[^]*How good/);
	assert.match(await hover("entropy)"), /\(member\) entropy: Rule/);
	assert.match(await hover("twice = m"), /twice: float/);
	assert.match(await hover("units}\""), /units: int[^]*Neurons/);
	assert.match(await hover("float = 0.2"), /IEEE 754/);
	assert.strictEqual(await e.ask(lsp.HoverRequest.type, e.at(main, "# 한글", 3)), null);

	// Definition: here, and in another file.
	const defined = async (mark, skip) => {
		const d = await e.ask(lsp.DefinitionRequest.type, e.at(main, mark, skip));
		return [path.basename(d.uri), d.range.start.line];
	};
	assert.deepStrictEqual(await defined("fit(rate=r)"), ["types_.kfp", 11]);
	assert.deepStrictEqual(await defined("speed, rule"), ["main.kfp", 5]);
	assert.deepStrictEqual(await defined("score * 2"), ["types_.kfp", 18]);
	assert.deepStrictEqual(await defined("entropy)"), ["types_.kfp", 3]);
	assert.deepStrictEqual(await defined("Criterion.entropy"), ["types_.kfp", 3]);
	assert.deepStrictEqual(await defined("units}\""), ["types_.kfp", 7]);
	assert.deepStrictEqual(await defined("GOAL, note"), ["main.kfp", 2]);
	assert.deepStrictEqual(await defined("main:"), ["main.kfp", 5]);

	// References, in both files; highlights, in this one.
	const references = await e.ask(lsp.ReferencesRequest.type,
		{ ...e.at(main, "fit(rate=speed"), context: { includeDeclaration: true } });
	assert.deepStrictEqual(references.map((r) => path.basename(r.uri)).sort(),
		["main.kfp", "main.kfp", "main.kfp", "main.kfp", "types_.kfp"]);
	const lights = await e.ask(lsp.DocumentHighlightRequest.type, e.at(main, "twice = m"));
	assert.strictEqual(lights.length, 4);
	for (const l of lights)
		assert.strictEqual(e.slice(main, l.range), "twice");

	// Rename: over both files; what code reads keeps its name.
	const change = await e.ask(lsp.RenameRequest.type,
		{ ...e.at(main, "fit(rate=r)"), newName: "train" });
	const files = Object.keys(change.changes).map((u) => path.basename(u)).sort();
	assert.deepStrictEqual(files, ["main.kfp", "types_.kfp"]);
	assert.match(applied(MAIN, change.changes[main]), /import train, Layer[^]*m = train\([^]*n = train\(/);
	assert.match(applied(TYPES, change.changes[Object.keys(change.changes).find((u) => u !== main)]),
		/component train\(/);
	await assert.rejects(e.ask(lsp.RenameRequest.type,
		{ ...e.at(main, "rate=r)"), newName: "pace" }), /code of its component/);
	await assert.rejects(e.ask(lsp.RenameRequest.type,
		{ ...e.at(main, "twice = m"), newName: "2x" }), /a name is letters/);
	const ready = await e.ask(lsp.PrepareRenameRequest.type, e.at(main, "twice = m"));
	assert.strictEqual(ready.placeholder, "twice");

	// Symbols of the file and of the workspace.
	const outline = await e.ask(lsp.DocumentSymbolRequest.type, { textDocument: { uri: main } });
	assert.deepStrictEqual(outline.map((s) => s.name), ["GOAL", "main", '"it"', "quick"]);
	assert.deepStrictEqual(outline[1].children.map((s) => s.name),
		["speed", "layer", "best", "m", "twice", "note"]);
	for (const s of outline)
		assert.strictEqual(e.slice(main, s.selectionRange), s.name);
	const found = await e.ask(lsp.WorkspaceSymbolRequest.type, { query: "ft" });
	assert.deepStrictEqual(found.map((s) => s.name), ["fit"]);

	// Completion: arguments, values of an enum, outputs, members, settings, types, keywords.
	const complete = async (from, to, mark) => {
		e.edit(main, from, to);
		const items = labels(await e.ask(lsp.CompletionRequest.type,
			e.at(main, mark || to, (mark || to).length)));
		e.replace(main, MAIN);
		return items;
	};
	let items = await complete("n = fit(rate=r)", "n = fit(rate=r, ", "n = fit(rate=r, ");
	assert(items.includes("rule=") && !items.includes("rate="), items.join());
	items = await complete("rule=Criterion.entropy)", "rule=", "speed, rule=");
	assert(items.includes("Rule.gini"), items.join());
	items = await complete("m.score * 2.0", "m.", "twice = m.");
	assert.deepStrictEqual(items.sort(), ["model", "score"]);
	items = await complete("Criterion.entropy", "Criterion.", "rule=Criterion.");
	assert.deepStrictEqual(items.sort(), ["entropy", "gini"]);
	items = await complete("{layer.units}", "{layer.", "{twice} {layer.");
	assert.deepStrictEqual(items.sort(), ["rate", "units"]);
	items = await complete("n = fit(rate=r)", "n = fit(rate=r) with ", "n = fit(rate=r) with ");
	assert(items.includes("retries=") && items.includes("timeout="), items.join());
	items = await complete("speed: float", "speed: ", "main(speed: ");
	assert(items.includes("float") && items.includes("Layer"), items.join());
	items = await complete("const GOAL", "con", "\ncon");
	assert(items.includes("const") && items.includes("config"), items.join());
	items = await complete("twice > GOAL", "tw", "assert tw");
	assert.deepStrictEqual(items, ["twice"]);
	items = await complete("twice > GOAL", "", "assert ");
	assert(items.includes("twice") && items.includes("GOAL") && items.includes("min") &&
		!items.includes("speed="), items.join());
	const help = await e.ask(lsp.SignatureHelpRequest.type, e.at(main, "fit(rate=speed, rule=", 21));
	assert.match(help.signatures[0].label, /^fit\(/);
	assert.strictEqual(help.activeParameter, 1);
	assert.strictEqual(help.signatures[0].parameters.length, 2);

	// Wrong text: diagnostics while typing, fixes, and the same again once it is right.
	e.edit(main, "m.score * 2.0", "m.scor * 2.0");
	const wrong = await e.diagnostics(main, (d) => d.length > 0);
	assert.strictEqual(wrong[0].code, "E0304");
	assert.strictEqual(e.slice(main, wrong[0].range), "scor");
	assert.match(wrong[0].message, /did you mean 'score'/);
	assert.strictEqual(path.basename(wrong[0].relatedInformation[0].location.uri), "types_.kfp");
	const actions = await e.ask(lsp.CodeActionRequest.type, {
		textDocument: { uri: main }, range: wrong[0].range, context: { diagnostics: wrong },
	});
	assert.deepStrictEqual(actions.map((a) => a.kind), ["quickfix", "source.fixAll"]);
	for (const a of actions)
		assert.match(applied(e.texts.get(main).text, a.edit.changes[main]), /twice = m\.score \* 2/);
	e.edit(main, "m.scor * 2.0", "m.score * 2.0");
	await e.diagnostics(main, (d) => d.length === 0);

	// What the editor has of an imported file counts, not what lies on the disk.
	const types = e.open("types_.kfp", TYPES);
	e.edit(types, "    score: Metric,", "    quality: Metric,");
	await e.diagnostics(main, (d) => codes(d).includes("E0304"));
	e.edit(types, "    quality: Metric,", "    score: Metric,");
	await e.diagnostics(main, (d) => d.length === 0);
	// Contents: an interpreter is asked when typing rests.
	e.edit(types, "score = rate\n", "score = rat\n");
	const contents = await e.diagnostics(types, (d) => d.length > 0);
	assert.strictEqual(e.slice(types, contents[0].range), "rat");
	const inside = await e.ask(lsp.CompletionRequest.type, e.at(types, "score = rat", 8));
	assert(labels(inside).includes("rate") && labels(inside).includes("model_path"), labels(inside).join());
	e.tell(lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri: types } });

	// Formatting: the least edit.
	e.edit(main, "const GOAL = 0.5", "const   GOAL=0.5");
	const edits = await e.ask(lsp.DocumentFormattingRequest.type, {
		textDocument: { uri: main }, options: { tabSize: 4, insertSpaces: true },
	});
	assert.strictEqual(edits.length, 1);
	assert.strictEqual(applied(e.texts.get(main).text, edits), MAIN);
	e.edit(main, "const   GOAL=0.5", "const GOAL = 0.5");
	assert.deepStrictEqual(await e.ask(lsp.DocumentFormattingRequest.type, {
		textDocument: { uri: main }, options: { tabSize: 4, insertSpaces: true },
	}), []);

	// Tokens, hints, lenses, folds.
	const tokens = await e.ask(lsp.SemanticTokensRequest.type, { textDocument: { uri: main } });
	const legend = can.semanticTokensProvider.legend.tokenTypes;
	const lines = MAIN.split("\n");
	const named = new Map();
	for (let i = 0, line = 0, col = 0; i < tokens.data.length; i += 5) {
		const [dl, dc, n, type] = tokens.data.slice(i, i + 4);
		line += dl;
		col = dl ? dc : col + dc;
		named.set(lines[line].slice(col, col + n), legend[type]);
	}
	for (const [name, type] of [["fit", "class"], ["main", "function"], ["speed", "parameter"],
		["entropy", "enumMember"], ["score", "property"], ["twice", "variable"]])
		assert.strictEqual(named.get(name), type, name);
	const hints = await e.ask(lsp.InlayHintRequest.type, {
		textDocument: { uri: main },
		range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } },
	});
	assert.deepStrictEqual(hints.map((h) => h.label), [": float", ": float", ": float", ": str"]);
	const lenses = await e.ask(lsp.CodeLensRequest.type, { textDocument: { uri: main } });
	assert.deepStrictEqual(lenses.map((l) => [l.command.command, l.command.arguments[1]]),
		[["kfpc.run", "main"], ["kfpc.plan", "main"], ["kfpc.test", "it"]]);
	const folds = await e.ask(lsp.FoldingRangeRequest.type, { textDocument: { uri: main } });
	assert(folds.some((f) => f.startLine === 5 && f.endLine === 13), JSON.stringify(folds));

	// What the server does not know is an error, not silence.
	await assert.rejects(e.ask("textDocument/noSuchThing", {}), /does not know/);
	assert.strictEqual(await e.stop(), 0);
}

// A client that counts bytes sees the same places.
async function bytes() {
	const e = new Editor("--no-python");
	assert.strictEqual((await e.start(["utf-16", "utf-8"])).positionEncoding, "utf-8");
	const uri = e.open("bytes.kfp", 'const A = "한글 😀" + b\n');
	const [d] = await e.diagnostics(uri, (all) => all.length > 0);
	assert.strictEqual(d.range.start.character, 'const A = "'.length + 6 + 1 + 4 + 4);
	assert.strictEqual(await e.stop(), 0);
}

// Nothing that is typed brings it down.
async function random() {
	const e = new Editor("--no-python");
	await e.start();
	const uri = e.open("main.kfp", MAIN);
	const doc = e.texts.get(uri);
	const pieces = ["", "(", ")", "\n", "    ", ":", "=", ".", '"', "#", "😀", "한", "fit(", "if ",
		"m.", "{", "[", "\t", "\r\n", "with ", "->", "\0"];
	let seed = 7;
	const pick = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
	for (let i = 0; i < 400; i++) {
		const lo = pick(doc.text.length + 1);
		const hi = Math.min(doc.text.length, lo + pick(20));
		const range = { start: place(doc.text, lo), end: place(doc.text, hi) };
		const text = pieces[pick(pieces.length)];
		doc.text = doc.text.slice(0, lo) + text + doc.text.slice(hi);
		doc.version++;
		e.tell(lsp.DidChangeTextDocumentNotification.type,
			{ textDocument: { uri, version: doc.version }, contentChanges: [{ range, text }] });
		const at = { textDocument: { uri }, position: place(doc.text, pick(doc.text.length + 1)) };
		const kinds = [lsp.CompletionRequest, lsp.HoverRequest, lsp.DefinitionRequest,
			lsp.SignatureHelpRequest, lsp.DocumentSymbolRequest, lsp.SemanticTokensRequest,
			lsp.FoldingRangeRequest, lsp.DocumentHighlightRequest, lsp.CodeLensRequest];
		await e.ask(kinds[pick(kinds.length)].type, at);
		if (i % 40 === 39) {
			e.replace(uri, MAIN);
		}
	}
	await e.diagnostics(uri, () => true);
	assert.strictEqual(await e.stop(), 0);
}

const PARTS = `component part() -> (x: float):
    python:
        x = 1.0
`;
const WHOLE = `from parts import part

pipeline whole() -> float:
    p = part()
    return p.x
`;
const INSIDE = `component inside() -> (y: float):
    python:
        y = nothing
`;

// Files that change on the disk while they are open, or while what reads them is.
async function disk() {
	const e = new Editor();
	const on = (name) => path.join(folder, name);
	const url = (name) => pathToFileURL(on(name)).href;
	await e.start();
	fs.writeFileSync(on("whole.kfp"), WHOLE);
	const whole = e.open("whole.kfp", WHOLE);
	await e.diagnostics(whole, (d) => d.length > 0);	// there is no such module yet
	assert(e.watchers.length === 1 && e.watchers[0].globPattern.includes("kfp"), e.watchers);
	fs.writeFileSync(on("parts.kfp"), PARTS);
	e.changed(url("parts.kfp"), lsp.FileChangeType.Created);
	await e.diagnostics(whole, (d) => d.length === 0);
	fs.writeFileSync(on("parts.kfp"), PARTS.replaceAll("x", "z"));
	e.changed(url("parts.kfp"));
	const lacks = await e.diagnostics(whole, (d) => d.length > 0);
	assert.strictEqual(e.slice(whole, lacks[0].range), "x");
	fs.unlinkSync(on("parts.kfp"));
	e.changed(url("parts.kfp"), lsp.FileChangeType.Deleted);
	await e.diagnostics(whole, (d) => d.length > 0 && d[0].message !== lacks[0].message);

	// Open there, it is what the editor has, whatever happens on the disk.
	const parts = e.open("parts.kfp", PARTS);
	await e.diagnostics(whole, (d) => d.length === 0);
	fs.writeFileSync(on("parts.kfp"), "not a program");
	e.changed(parts);
	await e.ask(lsp.HoverRequest.type, e.at(whole, "part()"));
	assert.deepStrictEqual(await e.diagnostics(whole, (d) => d.length === 0), []);
	assert.deepStrictEqual(await e.diagnostics(parts, (d) => d.length === 0), []);
	e.save(parts);

	// What is wrong with the contents of one file stays, whatever is typed in another.
	const inside = e.open("inside.kfp", INSIDE);
	await e.diagnostics(inside, (d) => codes(d).includes("E0502"));
	const seen = [];
	e.link.onNotification(lsp.PublishDiagnosticsNotification.type, (p) => {
		e.publish(p);
		if (p.uri === inside)
			seen.push(...codes(p.diagnostics), p.diagnostics.length);
	});
	e.edit(parts, "x = 1.0", "x = wrong");
	await e.diagnostics(parts, (d) => codes(d).includes("E0502"));
	e.edit(parts, "x = wrong", "x = 2.0");
	await e.diagnostics(parts, (d) => d.length === 0);
	assert(!seen.includes(0), seen.join());
	assert.deepStrictEqual(codes(e.published.get(inside).diagnostics), ["E0502"]);
	// A Python file that a component runs is no module; that it changed is told too.
	const FILED = 'component filed() -> (y: float):\n    python = "filed.py:work"\n';
	const filed = e.open("filed.kfp", FILED);
	await e.diagnostics(filed, (d) => d.length > 0);
	fs.writeFileSync(on("filed.py"), "def work():\n    return 1.0\n");
	e.changed(url("filed.py"), lsp.FileChangeType.Created);
	await e.diagnostics(filed, (d) => d.length === 0);
	assert.strictEqual(await e.stop(), 0);
}

// Two editors have one file: each sees its own text, and of the other what that saves.
async function together() {
	const one = new Editor("--no-python"), two = new Editor("--no-python");
	await one.start();
	await two.start();
	fs.writeFileSync(path.join(folder, "parts.kfp"), PARTS);
	const parts = one.open("parts.kfp", PARTS);
	two.open("parts.kfp", PARTS);
	const whole = one.open("whole.kfp", WHOLE);
	two.open("whole.kfp", WHOLE);
	one.edit(parts, "(x: float)", "(z: float)");
	await one.diagnostics(whole, (d) => d.length === 1);
	assert.deepStrictEqual(await two.diagnostics(whole, () => true), []);
	one.save(parts);
	two.changed(parts);
	assert.deepStrictEqual(await two.diagnostics(whole, () => true), []);
	two.tell(lsp.DidCloseTextDocumentNotification.type, { textDocument: { uri: parts } });
	await two.diagnostics(whole, (d) => d.length === 1);	// now it is what lies on the disk
	// The second one takes in what the first one saved, and saves in its turn.
	two.open("parts.kfp", one.texts.get(parts).text);
	two.edit(parts, "(z: float)", "(x: float)");
	await two.diagnostics(whole, (d) => d.length === 0);
	two.save(parts);
	one.replace(parts, two.texts.get(parts).text);
	await one.diagnostics(whole, (d) => d.length === 0);
	// Both rename at once, each in its text.
	for (const e of [one, two]) {
		const change = await e.ask(lsp.RenameRequest.type, { ...e.at(whole, "whole"), newName: "all" });
		assert.match(applied(e.texts.get(whole).text, change.changes[whole]), /pipeline all\(/);
	}
	// One editor that has the file twice, under a link too: it is one file.
	fs.symlinkSync(folder, path.join(folder, "link"));
	one.open("link/parts.kfp", PARTS);
	one.open("parts.kfp", PARTS);
	assert.deepStrictEqual(await one.diagnostics(whole, () => true), []);
	assert.strictEqual(await one.stop(), 0);
	assert.strictEqual(await two.stop(), 0);
	fs.unlinkSync(path.join(folder, "link"));
}

// A client that sends what is no request: it is told, and the session goes on.
async function malformed() {
	const e = new Editor("--no-python");
	const send = (text) => e.raw(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
	await e.start();
	const uri = e.open("main.kfp", MAIN);
	const hover = () => e.ask(lsp.HoverRequest.type, e.at(uri, "m = fit"));
	for (const text of ["{", "", "null", "[]", '"text"', "{}", '{"jsonrpc": "2.0"}', '{"id": 5}',
		'{"id": {}, "method": 3}', '{"method": "$/noSuch", "params": 1}', '{"id": 1, "result": 2}',
		'{"method": "textDocument/didChange", "params": {"textDocument": {"uri": "' + uri + '"},' +
		' "contentChanges": [1, {"range": 3, "text": null}, {"range": {"start": {"line": -1}}}]}}',
		'{"method": "textDocument/didOpen", "params": [[[[]]]]}',
		'{"method": "workspace/didChangeWatchedFiles", "params": {"changes": "all"}}',
		'{"method": "initialized", "params": null}']) {
		send(text);
		assert(await hover());
	}
	// Odd but right headers.
	const note = '{"jsonrpc": "2.0", "method": "$/noSuch"}';
	e.raw(`Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  ${note.length}\r\n\r\n${note}`);
	assert(await hover());
	e.replace(uri, MAIN);
	assert.deepStrictEqual(await e.diagnostics(uri, () => true), []);
	assert.strictEqual(await e.stop(), 0);
	// Where a message ends cannot be known any more: the server says so and ends.
	const lost = new Editor("--no-python");
	await lost.start();
	lost.process.stdin.on("error", () => {});
	lost.raw("Content-Length: many\r\n\r\n{}");
	assert.strictEqual(await lost.ended, 1);
	assert.match(lost.said, /no message of the Language Server Protocol/);
}

async function all() {
	await scenario();
	await bytes();
	await disk();
	await together();
	await malformed();
	await random();
}

all().then(() => process.exit(0), (fault) => {
	console.log(fault.stack);
	process.exit(1);
});
