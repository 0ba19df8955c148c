// client.js EXTENSION FOLDER: the built extension in a stand-in for the editor, against the real
// `kfpc lsp`; FOLDER is the workspace, empty.  Prints what is not as it should be.
"use strict";
const assert = require("assert");
const child = require("child_process");
const fs = require("fs");
const Module = require("module");
const path = require("path");

const [extension, folder] = process.argv.slice(2);
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
	return name === "vscode" ? path.join(__dirname, "stand_in.js") : resolve.call(this, name, ...rest);
};
const vscode = require("vscode");
const { stage } = vscode;
const manifest = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));
const KFPC = child.execFileSync("sh", ["-c", "command -v kfpc"], { encoding: "utf8" }).trim();
const PATIENCE = 30000; // ms for what comes unasked

const MAIN = `from parts import add

pipeline first(x: float = 1.0) -> float:
    a = add(x=x)
    return a.total

pipeline second(x: float = 2.0) -> float:
    b = add(x=x)
    return b.total

test "it adds":
    stub add -> (total=7.0)
    r = first()
    assert r.outputs.output == 7.0
`;
const PARTS = `component add(x: float) -> (total: float):
    python:
        total = x + 1.0
`;

const at = (name) => path.join(folder, name);
const execute = vscode.commands.executeCommand;

async function until(what, is) {
	const end = Date.now() + PATIENCE;
	for (let value; ; await new Promise((done) => setTimeout(done, 5))) {
		if ((value = await is()))
			return value;
		assert(Date.now() < end, `not in time: ${what}\n${JSON.stringify([...stage.diagnostics])}\n${stage.output}`);
	}
}

const diagnostics = (document, wanted) => until("diagnostics", () => {
	const all = stage.diagnostics.get(document.uri.toString());
	return all && wanted(all) && all;
});

// Does what the editor does with a task: starts the program, and looks for problems in what it
// prints.
function perform(task) {
	const { process: program, args, options } = task.execution;
	const env = { ...process.env, KFPC_STORE: at(".kfpc") };
	const p = child.spawnSync(program, args, { cwd: options.cwd, env, encoding: "utf8" });
	return { status: p.status, text: p.stdout + p.stderr, problems: problems(task, p.stdout + p.stderr) };
}

function problems(task, text) {
	const { pattern } = manifest.contributes.problemMatchers.find((m) => task.problemMatchers.includes(`$${m.name}`));
	const found = [];
	const lines = text.split("\n");
	for (let i = 0; i + 1 < lines.length; i++) {
		const parts = pattern.map((p, k) => lines[i + k] !== undefined && lines[i + k].match(new RegExp(p.regexp)));
		if (!parts.every(Boolean))
			continue;
		const problem = {};
		pattern.forEach((p, k) => {
			for (const [name, group] of Object.entries(p))
				if (name !== "regexp")
					problem[name] = parts[k][group];
		});
		found.push(problem);
	}
	return found;
}

async function missing(activate) {
	stage.settings["kfpc.path"] = "/nowhere/kfpc";
	stage.answers.push("Open Settings");
	await activate();
	assert.strictEqual(stage.said.length, 1);
	assert.match(stage.said[0].text, /'\/nowhere\/kfpc': there is no program there\. .*install kfpc .* kfpc\.path/);
	assert.deepStrictEqual(stage.said[0].buttons, ["Open Settings", "Try Again"]);
	await until("settings are opened", () => stage.opened.length);
	assert.deepStrictEqual(stage.opened, [["workbench.action.openSettings", "kfpc.path"]]);
	// The commands are there all the same, and say it again.
	stage.set("kfpc.path", "no-such-kfpc");
	await until("it is said again", () => stage.said.length === 2);
	assert.match(stage.said[1].text, /it is not in PATH/);
	await execute("kfpc.plan", vscode.Uri.file(at("main.kfp")).toString(), "first");
	assert.strictEqual(stage.said.length, 3);
	// A program that is not kfpc, and says so by its end.
	stage.set("kfpc.path", "/bin/false");
	await until("it does not start", () => stage.said.some((s) => /does not start/.test(s.text)));
	stage.said.length = 0;
	// Once it is found, all goes on by itself.
	stage.set("kfpc.path", path.relative(folder, KFPC).includes("/") ? "${workspaceFolder}/" + path.relative(folder, KFPC) : KFPC);
	await until("providers", () => stage.providers.Hover);
	assert.deepStrictEqual(stage.said, []);
}

async function language() {
	const main = stage.open(at("main.kfp"));
	await diagnostics(main, (d) => d.length === 0);
	const token = new vscode.CancellationTokenSource().token;
	const hover = await stage.providers.Hover.provideHover(main, main.at("add(x=x)"), token);
	assert.match(hover.contents[0].value, /component add/);
	const to = await stage.providers.Definition.provideDefinition(main, main.at("add(x=x)"), token);
	assert.strictEqual(path.basename([to].flat()[0].uri.fsPath), "parts.kfp");
	main.edit("return a.total", "return a.totl");
	const [wrong] = await diagnostics(main, (d) => d.length === 1);
	assert.strictEqual(wrong.code, "E0304");
	assert.strictEqual(main.getText(wrong.range), "totl");
	const actions = await stage.providers.CodeActions.provideCodeActions(
		main, wrong.range, { diagnostics: [wrong], triggerKind: 1 }, token);
	assert(actions.length > 0);
	main.edit("return a.totl", "return a.total");
	await diagnostics(main, (d) => d.length === 0);
	const items = await stage.providers.CompletionItem.provideCompletionItems(
		main, main.at("a.total", 2), token, { triggerKind: 0 });
	assert.deepStrictEqual(items.items.map((i) => i.label), ["total"]);
	// The server asked to be told of files: one changes on the disk.
	const [watcher] = stage.watchers;
	fs.writeFileSync(at("parts.kfp"), PARTS.replaceAll("total", "whole"));
	watcher.changed.fire(vscode.Uri.file(at("parts.kfp")));
	await diagnostics(main, (d) => d.length === 3);
	fs.writeFileSync(at("parts.kfp"), PARTS);
	watcher.changed.fire(vscode.Uri.file(at("parts.kfp")));
	await diagnostics(main, (d) => d.length === 0);
	return main;
}

async function commands(main) {
	const token = new vscode.CancellationTokenSource().token;
	const lenses = await stage.providers.CodeLens.provideCodeLenses(main, token);
	assert.deepStrictEqual(lenses.map((l) => `${l.command.title} ${l.command.arguments[1]}`),
		["run first", "plan first", "run second", "plan second", "run test it adds"]);
	for (const l of lenses)
		await execute(l.command.command, ...l.command.arguments);
	assert.deepStrictEqual(stage.tasks.map((t) => t.name), ["run first", "run second", "test it adds"]);
	const ran = stage.tasks.map(perform);
	assert.deepStrictEqual(ran.map((r) => r.status), [0, 0, 0], ran.map((r) => r.text).join("\n"));
	assert.match(ran[0].text, /output = 2\.0|output.*2\.0/);
	assert.match(ran[1].text, /output.*3\.0/);
	assert.match(ran[2].text, /1 passed, 0 failed/);
	assert.deepStrictEqual(stage.tasks[0].execution.args, ["run", "main.kfp", "first"]);
	assert.strictEqual(stage.tasks[0].execution.options.cwd, folder);

	// Plans: a picture each, drawn anew when the file is saved, with no script in it.
	assert.deepStrictEqual(stage.panels.map((p) => p.title), ["first", "second"]);
	for (const p of stage.panels) {
		assert.match(p.webview.html, /<svg[^]*>add<[^]*<\/svg>/);
		assert.match(p.webview.html, /default-src 'none'/);
		assert.strictEqual(p.options.enableScripts, false);
	}
	const was = stage.panels[0].webview.html;
	main.edit("a = add(x=x)\n    return a.total", "added = add(x=x)\n    return added.total");
	await main.save();
	await until("the plan is drawn anew", () => stage.panels[0].webview.html !== was);
	assert.match(stage.panels[0].webview.html, />added</);
	await execute("kfpc.plan", main.uri.toString(), "first");
	assert.strictEqual(stage.panels.length, 2);
	stage.panels[0].dispose();
	await execute("kfpc.plan", main.uri.toString(), "first");
	assert.strictEqual(stage.panels.length, 3);

	// Without arguments: what is looked at, and what the user picks; unsaved text is saved first.
	stage.tasks.length = 0;
	main.edit("x: float = 2.0", "x: float = 5.0");
	stage.answers.push((choices) => choices.find((c) => c.label === "second"));
	await execute("kfpc.run");
	assert(!main.isDirty);
	assert.match(perform(stage.tasks[0]).text, /output.*6\.0/);
	stage.answers.push(() => undefined);
	await execute("kfpc.run");
	assert.strictEqual(stage.tasks.length, 1);
	await execute("kfpc.test");
	assert.strictEqual(stage.tasks[1].name, "test it adds");
	const parts = stage.open(at("parts.kfp"));
	await execute("kfpc.run");
	assert.match(stage.said.pop().text, /parts\.kfp has no pipeline/);
	stage.active = main;
	stage.close(parts);
	const wrong = vscode.Uri.file(at("main.kfp")).toString();
	await execute("kfpc.plan", wrong, "third");
	assert.match(stage.said.pop().text, /no plan of third/);
}

async function tasks() {
	fs.mkdirSync(at("lib"), { recursive: true });
	fs.writeFileSync(at("lib/far.kfp"), PARTS.replace("add", "far"));
	fs.writeFileSync(at("wrong.kfp"), "from far import far\npipeline p(x: int) -> int:\n    unused = 1\n    return y\n");
	stage.settings["kfpc.include"] = ["lib"];
	const provider = stage.providers["task kfpc"];
	const wrong = stage.open(at("wrong.kfp"));
	const offered = provider.provideTasks();
	assert.deepStrictEqual(offered.map((t) => t.name), ["check wrong.kfp", "run wrong.kfp", "test wrong.kfp"]);
	const check = perform(offered[0]);
	assert.strictEqual(check.status, 1);
	assert.deepStrictEqual(check.problems.map((p) => [p.severity, p.code, p.file, p.line, p.column])
		.filter((p) => p[0] === "error"), [["error", "E0301", "wrong.kfp", "4", "12"]]);
	fs.writeFileSync(at("wrong.kfp"), "from far import far\npipeline p(x: int) -> int:\n    return x\n");
	const warned = perform(offered[0]);
	assert.strictEqual(warned.status, 0);
	assert.deepStrictEqual(warned.problems.map((p) => [p.severity, p.line]), [["warning", "1"]]);
	// As written in tasks.json.
	const task = provider.resolveTask({
		definition: { type: "kfpc", command: "run", file: "main.kfp", name: "first", args: ["-p", "x=41.0"] },
		scope: stage.folders[0],
	});
	assert.match(perform(task).text, /output.*42\.0/);
	await execute("kfpc.check");
	assert.deepStrictEqual(stage.tasks.pop().execution.args, ["check", "-I", "lib", "wrong.kfp"]);
	await diagnostics(wrong, (d) => d.length > 0);
	stage.close(wrong);
	await until("nothing is wrong with what is closed",
		() => !(stage.diagnostics.get(wrong.uri.toString()) || []).length);
}

function servers() {
	return fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
		try {
			return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0lsp") &&
				fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ")[1] === String(process.pid);
		} catch {
			return false;
		}
	});
}

async function main() {
	const it = require(path.resolve(extension, manifest.main));
	const context = { subscriptions: [] };
	fs.writeFileSync(at("main.kfp"), MAIN);
	fs.writeFileSync(at("parts.kfp"), PARTS);
	stage.folders.push({ uri: vscode.Uri.file(folder), name: "workspace", index: 0 });
	await missing(() => it.activate(context));
	assert.deepStrictEqual([...stage.commands.keys()].sort(),
		manifest.contributes.commands.map((c) => c.command).sort());
	const document = await language();
	await commands(document);
	await tasks();

	// A restart: another process, and all that was known is known again.
	const before = servers();
	assert.strictEqual(before.length, 1);
	stage.diagnostics.clear();
	await execute("kfpc.restart");
	await until("the old server is gone", () => !servers().includes(before[0]));
	assert.strictEqual(servers().length, 1);
	await diagnostics(document, (d) => d.length === 0);
	// One that is killed is started again.
	assert.deepStrictEqual(stage.said.filter((s) => s.kind === "error"), []);
	const hover = stage.providers.Hover;
	process.kill(Number(servers()[0]), "SIGKILL");
	await until("another server", () => stage.providers.Hover && stage.providers.Hover !== hover);
	document.edit("return b.total", "return b.totally");
	await diagnostics(document, (d) => d.length === 1);
	await it.deactivate();
	await until("no server is left", () => servers().length === 0);
}

// What the client library still wanted to say to a server that was killed.
process.on("unhandledRejection", (fault) => {
	if (!["EPIPE", "ERR_STREAM_DESTROYED"].includes(fault.code))
		throw fault;
});

main().then(() => process.exit(0), (fault) => {
	console.log(fault.stack);
	process.exit(1);
});
