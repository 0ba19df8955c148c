// The picture of a pipeline: `kfpc export dot`, drawn by Graphviz.
"use strict";
const { execFile } = require("child_process");
const vscode = require("vscode");

const panels = new Map(); // by file and pipeline

// What `kfpc ARGS...` prints; fails with what it says.
function output(kfpc, args, cwd) {
	return new Promise((done, failed) => {
		execFile(kfpc, args, { cwd, maxBuffer: 1 << 28 }, (fault, out, said) =>
			fault ? failed(new Error(said.trim() || fault.message)) : done(out));
	});
}

function page(svg) {
	return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { background: #ffffff; padding: 1em; }
svg { display: block; margin: auto; max-width: 100%; height: auto; }
</style>
</head>
<body>
${svg.slice(Math.max(0, svg.indexOf("<svg")))}
</body>
</html>
`;
}

async function picture(kfpc, { file, name, include, cwd }) {
	const args = ["export", "dot", ...include.flatMap((f) => ["-I", f]), file, name];
	const { instance } = require("@viz-js/viz");
	return page((await instance()).renderString(await output(kfpc, args, cwd), { format: "svg" }));
}

// Shows it beside the text; what was shown before is brought up to date.
async function show(kfpc, plan) {
	const key = `${plan.file}\n${plan.name}`;
	const html = await picture(kfpc, plan);
	let panel = panels.get(key);
	if (!panel) {
		panel = vscode.window.createWebviewPanel("kfpc.plan", plan.name,
			{ viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: false });
		panel.onDidDispose(() => panels.delete(key));
		panels.set(key, Object.assign(panel, { plan }));
	}
	panel.webview.html = html;
}

// A file was saved: its plans are drawn anew.  One that does not compile keeps its last.
async function refresh(kfpc, file) {
	for (const panel of panels.values())
		if (panel.plan.file === file)
			await show(kfpc, panel.plan).catch(() => {});
}

module.exports = { show, refresh, picture };
