// The language server's client, and the commands of lenses and menus.
"use strict";
const { execFile } = require("child_process");
const path = require("path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { find } = require("./find");
const plan = require("./plan");
const { taskOf } = require("./tasks");

let client; // undefined: there is no program to start
let starting = Promise.resolve(); // one start or stop at a time

function settings(uri) {
	return vscode.workspace.getConfiguration("kfpc", uri);
}

function folderOf(uri) {
	const folder = uri && vscode.workspace.getWorkspaceFolder(uri);
	return folder || (vscode.workspace.workspaceFolders || [])[0];
}

// The program, or null after telling that there is none.
function program(uri) {
	const wanted = settings(uri).get("path", "kfpc");
	const folder = folderOf(uri);
	const found = find(wanted, folder && folder.uri.fsPath);
	if (!found)
		sayMissing(wanted);
	return found;
}

async function sayMissing(wanted) {
	const where = wanted.includes("/") ? "there is no program there" : "it is not in PATH";
	const chosen = await vscode.window.showErrorMessage(
		`kfpc cannot be started as '${wanted}': ${where}. Colours and snippets work; for the rest, ` +
		"install kfpc or say in the setting kfpc.path where it is.",
		"Open Settings", "Try Again");
	if (chosen === "Open Settings")
		await vscode.commands.executeCommand("workbench.action.openSettings", "kfpc.path");
	else if (chosen === "Try Again")
		await restart();
}

function newClient(kfpc) {
	const include = settings().get("include", []).flatMap((folder) => ["-I", folder]);
	const contents = settings().get("checkContents", true) ? [] : ["--no-python"];
	const folder = folderOf();
	const run = {
		command: kfpc,
		args: ["lsp", ...include, ...contents],
		options: { cwd: folder && folder.uri.fsPath },
	};
	return new LanguageClient("kfpc", "kfpc", run, {
		documentSelector: [{ language: "kfp", scheme: "file" }, { language: "kfp", scheme: "untitled" }],
	});
}

// Fails if the program does not say that it is kfpc.
function mustBeOurs(kfpc) {
	return new Promise((done, failed) => {
		execFile(kfpc, ["version"], (fault, out) => /^kfpc\b/.test(out || "") ? done()
			: failed(new Error(fault ? fault.message : "the program is not kfpc")));
	});
}

async function start() {
	const kfpc = program();
	if (!kfpc)
		return;
	try {
		await mustBeOurs(kfpc);
		client = newClient(kfpc);
		await client.start();
	} catch (fault) {
		client = undefined;
		vscode.window.showErrorMessage(`kfpc: the language server of ${kfpc} does not start: ${fault.message}`);
	}
}

async function stop() {
	const old = client;
	client = undefined;
	if (old)
		await old.dispose();
}

function restart() {
	starting = starting.then(stop).then(start);
	return starting;
}

// What lenses of the file have for a command: the names of its pipelines, or of its tests.
async function names(uri, command) {
	await starting;
	if (!client)
		return [];
	const lenses = await client.sendRequest("textDocument/codeLens", { textDocument: { uri: uri.toString() } });
	return (lenses || []).filter((l) => l.command.command === command)
		.map((l) => ({ label: l.command.arguments[1], line: l.range.start.line }));
}

// The file that is meant and the name in it: those of a lens, or the editor's, and what the user
// picks.  Undefined: there is none.
async function target(command, uri, name, what) {
	const editor = vscode.window.activeTextEditor;
	uri = typeof uri === "string" ? vscode.Uri.parse(uri) : uri || (editor && editor.document.uri);
	if (!uri)
		return undefined;
	const document = await vscode.workspace.openTextDocument(uri);
	if (document.isUntitled && !(await document.save()))
		return undefined;
	if (document.isDirty)
		await document.save();
	if (name === undefined || typeof name !== "string") {
		const found = await names(uri, command);
		if (!found.length) {
			vscode.window.showInformationMessage(`${path.basename(uri.fsPath)} has no ${what}.`);
			return undefined;
		}
		const picked = found.length === 1 ? found[0]
			: await vscode.window.showQuickPick(found, { placeHolder: `Which ${what}?` });
		name = picked && picked.label;
	}
	return name === undefined ? undefined : { uri, name };
}

// A path as one in the folder types it, where it is below that.
function shortened(file, folder) {
	const relative = folder ? path.relative(folder, file) : file;
	return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

function surroundings(uri, kfpc) {
	const folder = folderOf(uri);
	const cwd = folder ? folder.uri.fsPath : path.dirname(uri.fsPath);
	return { kfpc, cwd, include: settings(uri).get("include", []) };
}

async function execute(command, uri, name) {
	const kfpc = program(uri);
	if (!kfpc)
		return undefined;
	const around = surroundings(uri, kfpc);
	const definition = { type: "kfpc", command, file: shortened(uri.fsPath, around.cwd) };
	if (name !== undefined)
		definition.name = name;
	const scope = folderOf(uri) || vscode.TaskScope.Workspace;
	return vscode.tasks.executeTask(taskOf(definition, scope, around));
}

const commands = {
	"kfpc.restart": restart,

	async "kfpc.run"(uri, name) {
		const it = await target("kfpc.run", uri, name, "pipeline");
		return it && execute("run", it.uri, it.name);
	},

	async "kfpc.test"(uri, name) {
		const it = await target("kfpc.test", uri, name, "test");
		return it && execute("test", it.uri, it.name);
	},

	async "kfpc.check"(uri) {
		const it = await target("kfpc.check", uri, "", "program");
		return it && execute("check", it.uri);
	},

	async "kfpc.plan"(uri, name) {
		const it = await target("kfpc.plan", uri, name, "pipeline");
		const kfpc = it && program(it.uri);
		if (!kfpc)
			return;
		const { cwd, include } = surroundings(it.uri, kfpc);
		try {
			await plan.show(kfpc, { file: it.uri.fsPath, name: it.name, include, cwd });
		} catch (fault) {
			vscode.window.showErrorMessage(`kfpc: there is no plan of ${it.name}: ${fault.message}`);
		}
	},
};

// Tasks of tasks.json, and those that are offered: a check of the file that is looked at.
const provider = {
	provideTasks() {
		const editor = vscode.window.activeTextEditor;
		if (!editor || editor.document.languageId !== "kfp" || editor.document.isUntitled)
			return [];
		const uri = editor.document.uri;
		const around = surroundings(uri, "kfpc");
		const file = shortened(uri.fsPath, around.cwd);
		return ["check", "run", "test"].map((command) =>
			provider.resolveTask({ definition: { type: "kfpc", command, file }, scope: folderOf(uri) }));
	},

	resolveTask({ definition, scope }) {
		const folder = scope && scope.uri ? scope.uri : (folderOf() || {}).uri;
		const wanted = settings(folder).get("path", "kfpc");
		const kfpc = find(wanted, folder && folder.fsPath) || wanted;
		return taskOf(definition, scope || vscode.TaskScope.Workspace, {
			kfpc, include: settings(folder).get("include", []), cwd: folder && folder.fsPath,
		});
	},
};

async function activate(context) {
	for (const [name, does] of Object.entries(commands))
		context.subscriptions.push(vscode.commands.registerCommand(name, does));
	context.subscriptions.push(
		vscode.tasks.registerTaskProvider("kfpc", provider),
		vscode.workspace.onDidChangeConfiguration((e) => {
			if (["path", "include", "checkContents"].some((s) => e.affectsConfiguration(`kfpc.${s}`)))
				restart();
		}),
		vscode.workspace.onDidSaveTextDocument((document) => {
			const wanted = settings(document.uri).get("path", "kfpc");
			const folder = folderOf(document.uri);
			const kfpc = document.languageId === "kfp" && find(wanted, folder && folder.uri.fsPath);
			return kfpc ? plan.refresh(kfpc, document.uri.fsPath) : undefined;
		}));
	starting = start();
	await starting;
}

function deactivate() {
	return starting.then(stop);
}

module.exports = { activate, deactivate };
