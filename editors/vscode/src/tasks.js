// What kfpc does in a terminal: runs, tests and checks, as tasks of the editor.
"use strict";
const path = require("path");
const vscode = require("vscode");

// The arguments of kfpc for a task's definition.
function argumentsOf(definition, include) {
	const { command, file, name, args = [] } = definition;
	const folders = include.flatMap((folder) => ["-I", folder]);
	if (command === "test")
		return ["test", ...folders, ...(name ? ["-k", name] : []), ...args, file];
	if (command === "run")
		return ["run", ...folders, ...args, file, ...(name ? [name] : [])];
	return ["check", ...folders, ...args, file];
}

// `kfpc` finds the program; it is a path, or null.
function taskOf(definition, scope, { kfpc, include, cwd }) {
	const { command, file, name } = definition;
	const task = new vscode.Task(
		definition, scope, [command, name || path.basename(file)].join(" "), "kfpc",
		new vscode.ProcessExecution(kfpc, argumentsOf(definition, include), { cwd }), "$kfpc");
	task.group = command === "run" ? undefined
		: command === "test" ? vscode.TaskGroup.Test : vscode.TaskGroup.Build;
	task.presentationOptions = {
		reveal: vscode.TaskRevealKind.Always,
		panel: vscode.TaskPanelKind.Dedicated,
		clear: true,
		showReuseMessage: false,
	};
	return task;
}

module.exports = { argumentsOf, taskOf };
