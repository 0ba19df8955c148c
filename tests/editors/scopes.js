// scopes.js GRAMMAR [FILE]: how the grammar sees programs, with the grammars of Python and shell
// that editors have.  With FILE: prints it, each token with its scopes.  Without: reads from
// standard input {"NAME": {"text": ..., "blocks": [[first line, last line, language]...]}}, right
// programs and where the compiler sees code blocks in them; prints what is not as it should be.
"use strict";
const fs = require("fs");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

async function load(file) {
	await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
	const files = {
		"source.kfp": file,
		"source.python": require.resolve("tm-grammars/grammars/python.json"),
		"source.shell": require.resolve("tm-grammars/grammars/shellscript.json"),
	};
	const registry = new textmate.Registry({
		onigLib: Promise.resolve({
			createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
			createOnigString: (s) => new oniguruma.OnigString(s),
		}),
		loadGrammar: async (scope) => files[scope]
			? textmate.parseRawGrammar(fs.readFileSync(files[scope], "utf8"), files[scope]) : null,
	});
	return registry.loadGrammar("source.kfp");
}

// [{line, tokens: [{text, scopes}]}]; scopes without that of the file.
function tokens(grammar, text) {
	let stack = textmate.INITIAL;
	return text.split(/\r?\n/).map((line) => {
		const r = grammar.tokenizeLine(line, stack);
		stack = r.ruleStack;
		return {
			line,
			tokens: r.tokens.map((t) => ({
				text: line.slice(t.startIndex, t.endIndex),
				scopes: t.scopes.slice(1),
			})),
		};
	});
}

const EMBEDDED = /^meta\.embedded\.block\.(\w+)$/;

function problems(grammar, name, { text, blocks }) {
	const found = [];
	const inside = new Map();
	for (const [first, last, language] of blocks)
		for (let i = first; i <= last; i++)
			inside.set(i, language);
	tokens(grammar, text).forEach(({ line, tokens: all }, i) => {
		const say = (what) => found.push(`${name}:${i + 1}: ${what}\n    ${line}`);
		for (const t of all) {
			if (!t.text.trim())
				continue;
			const language = t.scopes.map((s) => (s.match(EMBEDDED) || [])[1]).find(Boolean);
			if (language !== inside.get(i + 1))
				say(`'${t.text}' is ${language || "kfp"}, not ${inside.get(i + 1) || "kfp"}`);
			else if (!language && !t.scopes.some((s) => !s.startsWith("meta.")))
				say(`'${t.text}' has no scope`);
			else if (!language && t.scopes.some((s) => s.startsWith("invalid.")))
				say(`'${t.text}' is ${t.scopes.join(" ")}`);
		}
	});
	return found;
}

async function main([file, program]) {
	const grammar = await load(file);
	if (program) {
		for (const { line, tokens: all } of tokens(grammar, fs.readFileSync(program, "utf8"))) {
			console.log(line);
			for (const t of all)
				if (t.text.trim())
					console.log(`\t${t.text.trim().padEnd(16)} ${t.scopes.join(" ")}`);
		}
		return;
	}
	let count = 0;
	for (const [name, about] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
		problems(grammar, name, about).forEach((p) => console.log(p));
		count++;
	}
	console.log(`${count} programs`);
}

main(process.argv.slice(2)).catch((fault) => {
	console.log(fault.stack);
	process.exit(1);
});
