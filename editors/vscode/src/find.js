// Where the program kfpc is.
"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");

// `setting` is a name or a path; `folder`, of the workspace, may be undefined.  Returns the path
// of a program, or null.
function find(setting, folder, env = process.env) {
	const wanted = (setting || "kfpc")
		.replace(/^~(?=\/|$)/, os.homedir())
		.replaceAll("${workspaceFolder}", folder || ".")
		.replace(/\$\{env:(\w+)\}/g, (_, name) => env[name] || "");
	if (wanted.includes(path.sep)) {
		const at = path.resolve(folder || ".", wanted);
		return runs(at) ? at : null;
	}
	const folders = (env.PATH || "").split(path.delimiter).filter(Boolean);
	return folders.map((f) => path.join(f, wanted)).find(runs) || null;
}

function runs(file) {
	try {
		fs.accessSync(file, fs.constants.X_OK);
		return fs.statSync(file).isFile();
	} catch {
		return false;
	}
}

module.exports = { find };
