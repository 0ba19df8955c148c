/* The loop: messages in, answers out, and what is done when nobody asks. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <signal.h>
#include <stdlib.h>

#include "runtime/value/json.h"

enum {
	REST_MS = 2,		/* of no input before texts are compiled unasked */
	CONTENTS_MS = 300,	/* and before contents of components are looked at */
};

static const struct method {
	const char *name;
	void (*handle)(struct request *q);
} METHODS[] = {
#define LSP_METHOD(method, name) {method, lsp_##name},
#include "compiler/lsp/method.def"
#undef LSP_METHOD
};

static bool offers_utf8(struct value params)
{
	struct value kinds = rpc_at(params, "capabilities.general.positionEncodings");

	for (size_t i = 0; kinds.kind == VALUE_LIST && i < kinds.list->n; i++)
		if (kinds.list->at[i].kind == VALUE_STR &&
		    str_is(*kinds.list->at[i].s, "utf-8"))
			return true;
	return false;
}

static bool is_true(struct value v)
{
	return v.kind == VALUE_BOOL && v.b;
}

static struct str root_of(struct value params)
{
	struct value folders = rpc_at(params, "workspaceFolders");

	if (folders.kind == VALUE_LIST && folders.list->n)
		return rpc_str(folders.list->at[0], "uri");
	return rpc_str(params, "rootUri");
}

void lsp_initialize(struct request *q)
{
	static struct arena kept;	/* for as long as the process */
	struct str root = root_of(q->params);

	q->s->is_utf8 = offers_utf8(q->params);
	if (root.n)
		q->s->root = place_path_of(&kept, root);
	q->s->may_watch = is_true(rpc_at(q->params, "capabilities.workspace."
					 "didChangeWatchedFiles.dynamicRegistration"));
	q->s->is_initialized = true;
	buf_addf(&q->out,
		 "{\"capabilities\":{\"positionEncoding\":\"%s\","
		 "\"textDocumentSync\":{\"openClose\":true,\"change\":2,\"save\":true},"
		 "\"hoverProvider\":true,\"definitionProvider\":true,"
		 "\"typeDefinitionProvider\":true,\"referencesProvider\":true,"
		 "\"documentHighlightProvider\":true,"
		 "\"renameProvider\":{\"prepareProvider\":true},"
		 "\"completionProvider\":{\"triggerCharacters\":[\".\",\"(\",\"=\",\",\"]},"
		 "\"signatureHelpProvider\":{\"triggerCharacters\":[\"(\",\",\"]},"
		 "\"documentSymbolProvider\":true,\"workspaceSymbolProvider\":true,"
		 "\"documentFormattingProvider\":true,\"foldingRangeProvider\":true,"
		 "\"inlayHintProvider\":true,\"codeLensProvider\":{},"
		 "\"codeActionProvider\":{\"codeActionKinds\":[\"quickfix\","
		 "\"source.fixAll\"]},"
		 "\"semanticTokensProvider\":{\"full\":true,\"legend\":{"
		 "\"tokenTypes\":[\"namespace\",\"type\",\"class\",\"enum\",\"struct\","
		 "\"parameter\",\"variable\",\"property\",\"enumMember\",\"function\","
		 "\"method\"],\"tokenModifiers\":[\"declaration\",\"readonly\"]}}},"
		 "\"serverInfo\":{\"name\":\"kfpc\",\"version\":\"" PACKAGE_VERSION "\"}}",
		 q->s->is_utf8 ? "utf-8" : "utf-16");
}

void lsp_shutdown(struct request *q)
{
	q->s->is_shut_down = true;
}

/* Asks for word of files that change on the disk: modules, and what they are made of. */
static void watch_files(struct server *s)
{
	if (s->may_watch)
		rpc_send(s, STR("{\"jsonrpc\":\"2.0\",\"id\":\"watch\",\"method\":"
				"\"client/registerCapability\",\"params\":{"
				"\"registrations\":[{\"id\":\"watch\",\"method\":"
				"\"workspace/didChangeWatchedFiles\",\"registerOptions\":{"
				"\"watchers\":[{\"globPattern\":"
				"\"**/*.{kfp,py,ipynb,yaml,yml}\"}]}}]}}"));
}

static void open_document(struct server *s, struct value params)
{
	struct str uri = rpc_str(params, "textDocument.uri");
	struct document *d = document_find(s, uri);
	struct arena a = {0};

	if (!uri.n)
		return;
	if (!d) {
		d = calloc(1, sizeof *d);
		if (!d)
			abort();
		d->path = document_path(&a, place_path_of(&a, uri));
		d->uri = str_of(strndup(uri.p, uri.n));
		d->next = s->documents;
		s->documents = d;
	}
	buf_clear(&d->said);
	buf_clear(&d->text);
	buf_add(&d->text, rpc_str(params, "textDocument.text"));
	d->version = rpc_int(params, "textDocument.version", 0);
	document_changed(s);
	arena_release(&a);
}

static void change_document(struct server *s, struct value params)
{
	struct document *d = document_find(s, rpc_str(params, "textDocument.uri"));
	struct value changes = rpc_at(params, "contentChanges");

	if (!d || changes.kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < changes.list->n; i++)
		if (rpc_at(changes.list->at[i], "text").kind == VALUE_STR)
			place_apply(s, &d->text, changes.list->at[i]);
	d->version = rpc_int(params, "textDocument.version", d->version + 1);
	document_changed(s);
}

static void free_document(struct document *d)
{
	analysis_free(d->analysis);
	buf_release(&d->text);
	buf_release(&d->said);
	free((char *)(uintptr_t)d->uri.p);
	free((char *)(uintptr_t)d->path.p);
	free(d);
}

/* What was wrong with it is no longer shown. */
static void close_document(struct server *s, struct value params)
{
	struct str uri = rpc_str(params, "textDocument.uri");
	struct buf out = {0};

	for (struct document **at = &s->documents; *at; at = &(*at)->next) {
		struct document *d = *at;

		if (!str_eq(d->uri, uri))
			continue;
		buf_addz(&out, "{\"jsonrpc\":\"2.0\",\"method\":"
			       "\"textDocument/publishDiagnostics\",\"params\":{\"uri\":");
		buf_add_json(&out, uri);
		buf_addz(&out, ",\"diagnostics\":[]}}");
		rpc_send(s, buf_str(&out));
		*at = d->next;
		free_document(d);
		document_changed(s);
		break;
	}
	buf_release(&out);
}

static void notice(struct server *s, struct str method, struct value params)
{
	if (str_is(method, "exit"))
		s->is_gone = true;
	else if (str_is(method, "initialized"))
		watch_files(s);
	else if (str_is(method, "textDocument/didOpen"))
		open_document(s, params);
	else if (str_is(method, "textDocument/didChange"))
		change_document(s, params);
	else if (str_is(method, "textDocument/didClose"))
		close_document(s, params);
	else if (str_is(method, "textDocument/didSave") ||
		 str_is(method, "workspace/didChangeWatchedFiles"))
		document_changed(s);
}

static void answer(struct server *s, const struct value *id, struct request *q)
{
	struct buf out = {0};

	buf_addz(&out, "{\"jsonrpc\":\"2.0\",\"id\":");
	json_write(id ? *id : VALUE_NONE_V, &out);
	if (q->fault) {
		buf_addf(&out, ",\"error\":{\"code\":%d,\"message\":", q->code);
		buf_add_json(&out, str_of(q->fault));
		buf_addc(&out, '}');
	} else {
		buf_addz(&out, ",\"result\":");
		buf_add(&out, q->out.n ? buf_str(&q->out) : STR("null"));
	}
	buf_addc(&out, '}');
	rpc_send(s, buf_str(&out));
	buf_release(&out);
}

static void ask(struct server *s, struct str method, struct request *q)
{
	size_t i = 0, n = sizeof METHODS / sizeof *METHODS;

	while (i < n && !str_is(method, METHODS[i].name))
		i++;
	if (i == n) {
		q->code = LSP_NO_METHOD;
		q->fault = "this server does not know the method";
	} else if (!s->is_initialized && strcmp(METHODS[i].name, "initialize")) {
		q->code = LSP_NOT_INITIALIZED;
		q->fault = "`initialize` comes first";
	} else if (s->is_shut_down) {
		q->code = LSP_INVALID_REQUEST;
		q->fault = "the server was shut down";
	} else {
		q->doc = document_find(s, rpc_str(q->params, "textDocument.uri"));
		METHODS[i].handle(q);
	}
}

/* Of what we asked the client; there is nothing to learn from it. */
static bool is_answer(struct value message)
{
	return value_get(message, STR("result")) || value_get(message, STR("error"));
}

static void say_invalid(struct request *q)
{
	q->code = LSP_INVALID_REQUEST;
	q->fault = "the message has no method";
}

static void handle(struct server *s, struct str text)
{
	struct request q = {.s = s};
	struct value message;
	struct str method;
	const struct value *id;
	struct err err;

	if (json_parse(&q.arena, text, &message, &err) || message.kind != VALUE_DICT) {
		q.code = LSP_PARSE_ERROR;
		q.fault = "the message is no JSON object";
		answer(s, NULL, &q);
	} else {
		id = value_get(message, STR("id"));
		method = rpc_str(message, "method");
		q.params = rpc_at(message, "params");
		if (method.n && !id)
			notice(s, method, q.params);
		else if (method.n)
			ask(s, method, &q);
		else if (!is_answer(message))
			say_invalid(&q);
		if (id ? method.n || q.fault : !!q.fault)
			answer(s, id, &q);
	}
	buf_release(&q.out);
	arena_release(&q.arena);
}

/* One thing that waited for a rest. */
static void use_rest(struct server *s, bool contents)
{
	for (struct document *d = s->documents; d; d = d->next)
		if (d->is_stale) {
			diagnostics_publish(s, d);
			return;
		}
	for (struct document *d = s->documents; d && contents && !s->contents.pid;
	     d = d->next)
		if (d->is_unlooked)
			contents_begin(s, d);
}

static int rest_ms(const struct server *s)
{
	int ms = -1;

	for (struct document *d = s->documents; d; d = d->next)
		if (d->is_stale)
			return REST_MS;
		else if (d->is_unlooked && !s->contents.pid && s->host->check_contents)
			ms = CONTENTS_MS;
	return ms;
}

int lsp_serve(int in, int out, const struct lsp_host *host, struct err *err)
{
	struct server s = {.in = in, .out = out, .host = host};
	struct document *next;
	struct str text;
	size_t had;
	int rc = 0, ms;

	while (!s.is_gone && rc >= 0) {
		while (!s.is_gone && (rc = rpc_next(&s, &text)) > 0)
			handle(&s, text);
		if (s.is_gone || rc < 0)
			break;
		had = s.input.n;
		ms = rest_ms(&s);
		if (!rpc_read(&s, ms))
			break;
		if (s.input.n == had && ms >= 0)
			use_rest(&s, ms == CONTENTS_MS);
	}
	contents_stop(&s);
	for (struct document *d = s.documents; d; d = next) {
		next = d->next;
		free_document(d);
	}
	buf_release(&s.input);
	buf_release(&s.contents.said);
	if (s.is_shut_down)
		return 0;
	return err_setk(err, ERR_INPUT, "%s",
			rc < 0 ? "what came is no message of the Language Server Protocol; an "
				 "editor starts this command, and speaks to it"
			       : "the editor left without saying 'shutdown'");
}
