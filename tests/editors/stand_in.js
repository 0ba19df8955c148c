// What an extension sees of VS Code, without its windows: documents, settings, providers, tasks,
// messages.  Types and enums are those of jest-mock-vscode; what happens is here, in `stage`.
"use strict";
const fs = require("fs");
const { createVSCodeMock } = require("jest-mock-vscode");

// The library wants a framework for tests; of that only functions that do nothing.
const nothing = (does = () => undefined) =>
	Object.assign((...args) => does(...args), { mockReturnValue: () => nothing() });
const types = createVSCodeMock({ fn: nothing, spyOn: nothing });
const { Disposable, EventEmitter, Position, Range, Uri } = types;

const stage = {
	settings: {},		// "kfpc.path" and so on
	folders: [],
	documents: [],
	diagnostics: new Map(),	// of a URI, as the editor shows them
	providers: {},		// by what registers them: "Hover", "CodeLens"
	commands: new Map(),
	said: [],		// messages: {kind, text, buttons}
	answers: [],		// what the user chooses, in this order; a function sees the choices
	tasks: [],		// that were started
	panels: [],
	watchers: [],
	opened: [],		// commands of the editor itself that were executed
	output: "",
	active: undefined,	// the document that is looked at
};

class Document {
	constructor(uri, text, languageId) {
		Object.assign(this, { uri, languageId, text, version: 1, isClosed: false, isDirty: false, eol: 1 });
		this.isUntitled = uri.scheme === "untitled";
		this.fileName = uri.fsPath;
	}
	get lineCount() {
		return this.text.split("\n").length;
	}
	getText(range) {
		return range ? this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end)) : this.text;
	}
	lineAt(line) {
		return { text: this.text.split("\n")[line.line === undefined ? line : line.line] };
	}
	offsetAt({ line, character }) {
		return this.text.split("\n").slice(0, line).reduce((n, l) => n + l.length + 1, 0) + character;
	}
	positionAt(offset) {
		const lines = this.text.slice(0, offset).split("\n");
		return new Position(lines.length - 1, lines[lines.length - 1].length);
	}
	async save() {
		fs.writeFileSync(this.fileName, this.text);
		this.isDirty = false;
		events.onDidSaveTextDocument.fire(this);
		return true;
	}
	// Replaces the first `from` by `to`, as typing does.
	edit(from, to) {
		const at = this.text.indexOf(from);
		if (at < 0)
			throw new Error(`${from} is not in the text`);
		const range = new Range(this.positionAt(at), this.positionAt(at + from.length));
		this.text = this.text.slice(0, at) + to + this.text.slice(at + from.length);
		this.version++;
		this.isDirty = true;
		events.onDidChangeTextDocument.fire({
			document: this, contentChanges: [{ range, rangeOffset: at, rangeLength: from.length, text: to }],
		});
	}
	at(mark, skip = 0) {
		return this.positionAt(this.text.indexOf(mark) + skip);
	}
}

const events = {};
for (const name of ["onDidOpenTextDocument", "onDidCloseTextDocument", "onDidChangeTextDocument",
	"onDidSaveTextDocument", "onWillSaveTextDocument", "onDidChangeConfiguration",
	"onDidChangeWorkspaceFolders", "onDidCreateFiles", "onDidRenameFiles", "onDidDeleteFiles",
	"onWillCreateFiles", "onWillRenameFiles", "onWillDeleteFiles", "onDidOpenNotebookDocument",
	"onDidCloseNotebookDocument", "onDidChangeNotebookDocument", "onDidSaveNotebookDocument"])
	events[name] = new EventEmitter();

const fits = (selector, document) => [selector].flat().some((s) =>
	typeof s === "string" ? s === document.languageId
		: (!s.language || s.language === document.languageId) && (!s.scheme || s.scheme === document.uri.scheme));

function say(kind) {
	return async (text, ...buttons) => {
		stage.said.push({ kind, text, buttons });
		const next = buttons.length ? stage.answers.shift() : undefined;
		return typeof next === "function" ? next(buttons) : next;
	};
}

const workspace = {
	...Object.fromEntries(Object.entries(events).map(([name, e]) => [name, e.event])),
	get textDocuments() { return stage.documents; },
	notebookDocuments: [],
	get workspaceFolders() { return stage.folders; },
	fs: { isWritableFileSystem: () => true },
	getWorkspaceFolder: (uri) => stage.folders.find((f) => uri.fsPath.startsWith(f.uri.fsPath + "/")),
	getConfiguration: (section) => ({
		get(name, otherwise) {
			const value = stage.settings[section ? `${section}.${name}` : name];
			return value === undefined ? otherwise : value;
		},
		inspect: () => undefined,
		has: (name) => `${section}.${name}` in stage.settings,
	}),
	openTextDocument: async (uri) => stage.load(uri.fsPath),
	createFileSystemWatcher(pattern) {
		const made = [new EventEmitter(), new EventEmitter(), new EventEmitter()];
		const watcher = { pattern, created: made[0], changed: made[1], deleted: made[2],
			onDidCreate: made[0].event, onDidChange: made[1].event, onDidDelete: made[2].event,
			dispose() {} };
		stage.watchers.push(watcher);
		return watcher;
	},
	applyEdit: async () => true,
};

const window = {
	showErrorMessage: say("error"),
	showWarningMessage: say("warning"),
	showInformationMessage: say("information"),
	async showQuickPick(items) {
		return stage.answers.shift()(await items);
	},
	get activeTextEditor() { return stage.active && { document: stage.active }; },
	onDidChangeActiveTextEditor: new EventEmitter().event,
	tabGroups: { all: [], onDidChangeTabs: new EventEmitter().event },
	withProgress: (_, task) => task({ report() {} }, new types.CancellationTokenSource().token),
	createOutputChannel: () => ({
		append: (text) => (stage.output += text), appendLine: (text) => (stage.output += text + "\n"),
		show() {}, clear() {}, dispose() {},
	}),
	createWebviewPanel(kind, title, place, options) {
		const gone = new EventEmitter();
		const panel = { kind, title, options, webview: { html: "" }, onDidDispose: gone.event,
			dispose: () => gone.fire() };
		stage.panels.push(panel);
		return panel;
	},
};

const languages = {
	match: (selector, document) => (fits(selector, document) ? 10 : 0),
	createDiagnosticCollection() {
		return {
			set: (uri, list) => stage.diagnostics.set(uri.toString(), list || []),
			delete: (uri) => stage.diagnostics.delete(uri.toString()),
			clear: () => stage.diagnostics.clear(),
			has: (uri) => stage.diagnostics.has(uri.toString()),
			dispose: () => stage.diagnostics.clear(),
		};
	},
};
for (const name of ["CallHierarchy", "CodeActions", "CodeLens", "Color", "CompletionItem", "Declaration",
	"Definition", "DocumentFormattingEdit", "DocumentHighlight", "DocumentLink",
	"DocumentRangeFormattingEdit", "DocumentRangeSemanticTokens", "DocumentSemanticTokens",
	"DocumentSymbol", "FoldingRange", "Hover", "Implementation", "InlayHints", "InlineValues",
	"LinkedEditingRange", "OnTypeFormattingEdit", "Reference", "Rename", "SelectionRange",
	"SignatureHelp", "TypeDefinition", "TypeHierarchy", "WorkspaceSymbol"])
	languages[`register${name}Provider`] = (...args) => {
		const provider = args.find((a) => a && Object.values(a).some((v) => typeof v === "function"));
		stage.providers[name] = provider;
		return new Disposable(() => stage.providers[name] === provider && delete stage.providers[name]);
	};

const commands = {
	registerCommand(name, does) {
		if (stage.commands.has(name))
			throw new Error(`the command ${name} is registered twice`);
		stage.commands.set(name, does);
		return new Disposable(() => stage.commands.delete(name));
	},
	async executeCommand(name, ...args) {
		const does = stage.commands.get(name);
		return does ? does(...args) : void stage.opened.push([name, ...args]);
	},
};

const tasks = {
	registerTaskProvider(type, provider) {
		stage.providers[`task ${type}`] = provider;
		return new Disposable(() => {});
	},
	async executeTask(task) {
		stage.tasks.push(task);
		return { task };
	},
};

class Task {
	constructor(definition, scope, name, source, execution, problemMatchers) {
		Object.assign(this, { definition, scope, name, source, execution,
			problemMatchers: [problemMatchers].flat() });
	}
}

class ProcessExecution {
	constructor(process, args, options) {
		Object.assign(this, { process, args, options });
	}
}

class CancellationTokenSource {
	constructor() {
		this.token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event };
	}
	cancel() {}
	dispose() {}
}

// Values of the interface that are only kept and read.
const record = (...names) => class {
	constructor(...values) {
		names.forEach((name, i) => (this[name] = values[i]));
	}
};

Object.assign(stage, {
	load(file) {
		const known = stage.documents.find((d) => d.fileName === file);
		if (known)
			return known;
		const document = new Document(Uri.file(file), fs.readFileSync(file, "utf8"), "kfp");
		stage.documents.push(document);
		events.onDidOpenTextDocument.fire(document);
		return document;
	},
	open: (file) => (stage.active = stage.load(file)),
	close(document) {
		stage.documents = stage.documents.filter((d) => d !== document);
		events.onDidCloseTextDocument.fire(document);
	},
	set(name, value) {
		stage.settings[name] = value;
		events.onDidChangeConfiguration.fire({ affectsConfiguration: (section) => name.startsWith(section) });
	},
});

module.exports = Object.assign({}, types, {
	workspace, window, languages, commands, tasks, stage, Task, ProcessExecution, CancellationTokenSource,
	env: { language: "en", appName: "a stand-in", openExternal: async () => true },
	CancellationError: class extends Error {},
	Hover: class {
		constructor(contents, range) {
			this.contents = [contents].flat();
			this.range = range;
		}
	},
	InlayHint: record("position", "label", "kind"),
	InlayHintKind: { Type: 1, Parameter: 2 },
	SignatureHelp: record(),
	SignatureInformation: record("label", "documentation"),
	ParameterInformation: record("label", "documentation"),
	RelativePattern: record("baseUri", "pattern"),
	CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
	DocumentSymbol: types.DocumentSymbol,
	CompletionItemTag: { Deprecated: 1 },
	TabInputText: record("uri"),
	TabInputTextDiff: record("original", "modified"),
	TabInputCustom: record("uri", "viewType"),
	TabInputNotebook: record("uri", "notebookType"),
});
types.CancellationTokenSource = CancellationTokenSource;
