/* Shared by the parts of the language server. */
#ifndef KFPC_LSP_LSP_INT_H
#define KFPC_LSP_LSP_INT_H

#include <sys/types.h>

#include "compiler/lsp/lsp.h"
#include "compiler/lsp/word.h"
#include "compiler/tool/reference.h"
#include "runtime/base/buf.h"
#include "runtime/base/map.h"
#include "runtime/value/value.h"

/* A text as the last compilation of it left it. */
struct analysis {
	struct compilation c;
	bool is_read;			/* c.root is there */
};

struct document {			/* open in the editor */
	struct str uri, path;
	struct buf text;
	int64_t version;
	struct analysis *analysis;	/* NULL: its text, or that of another, has changed */
	struct buf said;		/* the last diagnostics, without those of contents */
	bool is_stale;			/* its diagnostics are not those of the text */
	bool is_unlooked;		/* the contents of its components were not looked at */
	struct document *next;
};

struct contents_check {			/* a child that looks at the contents of components */
	pid_t pid;			/* 0: none */
	int fd;				/* what it says: a whole message for the client */
	struct buf said;
};

struct server {
	int in, out;
	const struct lsp_host *host;
	struct document *documents;
	struct str root;		/* folder of the workspace; empty: none */
	struct buf input;
	size_t used;			/* of input: messages that were dealt with */
	bool is_utf8;			/* characters are bytes; else UTF-16 units */
	bool may_watch;			/* the client can tell of files on the disk */
	bool is_initialized, is_shut_down, is_gone;
	struct contents_check contents;
};

/* One request: its answer goes to out, or a fault is told. */
struct request {
	struct server *s;
	struct value params;
	struct arena arena;
	struct buf out;			/* the result, JSON; empty: null */
	struct document *doc;		/* of params.textDocument; NULL: none, or not open */
	const char *fault;		/* NULL: none */
	int code;
};

enum lsp_code {		/* of JSON-RPC and of the protocol */
	LSP_PARSE_ERROR = -32700, LSP_INVALID_REQUEST = -32600, LSP_NO_METHOD = -32601,
	LSP_INVALID_PARAMS = -32602, LSP_NOT_INITIALIZED = -32002,
	LSP_REQUEST_FAILED = -32803,
};

/* rpc.c: messages behind their Content-Length.  1: text is one, in s->input until the
 * next call; 0: there is none whole yet; -1: what came is no message, or the end. */
int rpc_next(struct server *s, struct str *text);
/* Waits for input at most ms (-1: for ever); reads what is there.  False at its end. */
bool rpc_read(struct server *s, int ms);
void rpc_send(struct server *s, struct str message);
/* Member of a member: "textDocument.uri"; None where there is none. */
struct value rpc_at(struct value v, const char *path);
struct str rpc_str(struct value v, const char *path);
int64_t rpc_int(struct value v, const char *path, int64_t otherwise);

/* place.c: texts, lines and the places that clients count. */
struct str place_path_of(struct arena *a, struct str uri);
struct str place_uri_of(struct arena *a, struct str path);
/* Offset in the source map of a position {line, character}; clamped to its line and the
 * text. */
uint32_t place_offset(const struct server *s, const struct src_file *f,
		      struct value position);
/* Line and character, from 0. */
void place_of(const struct server *s, const struct src_file *f, uint32_t offset,
	      uint32_t *line, uint32_t *character);
/* "range":{...} */
void place_add_range(const struct server *s, const struct src_file *f, struct span span,
		     struct buf *out);
/* {"uri":..., "range":...} */
void place_add_location(struct request *q, const struct src_file *f, struct span span);
/* Puts the change {range?, text} into text. */
void place_apply(const struct server *s, struct buf *text, struct value change);

/* document.c */
struct document *document_find(struct server *s, struct str uri);
/* The one path of a file, though links lead to it, and though it may not be there yet;
 * allocated. */
struct str document_path(struct arena *a, struct str path);
/* What its text means; compiled anew where it has to be.  NULL: it cannot be read. */
struct analysis *document_analysis(struct server *s, struct document *d);
/* A file of the workspace that need not be open; the caller frees it.  with_contents: of
 * components, too, which takes its time. */
struct analysis *analysis_new(struct server *s, struct str path, struct str text,
			      bool with_contents);
void analysis_free(struct analysis *a);
/* All that was compiled is forgotten: a text has changed, here or on the disk. */
void document_changed(struct server *s);
/* Every .kfp file below the root that is not open, but no more than LSP_FILES. */
enum { LSP_FILES = 2000, LSP_FOLDERS = 12 };
void document_each_file(struct server *s, void (*visit)(void *ctx, struct str path),
			void *ctx);

/* Handlers of requests: one for each method, in server.c's table. */
#define LSP(name) void lsp_##name(struct request *q);
#define LSP_METHOD(method, name) LSP(name)
#include "compiler/lsp/method.def"
#undef LSP_METHOD
#undef LSP

/* diagnostics.c */
void diagnostics_publish(struct server *s, struct document *d);
/* Starts the look at contents, and takes in what a look before has said. */
void contents_begin(struct server *s, struct document *d);
void contents_read(struct server *s);
void contents_stop(struct server *s);

/* Text edits: {"range":...,"newText":...} */
void edit_add(struct server *s, const struct src_file *f, struct span span, struct str put,
	      struct buf *out);

#endif
