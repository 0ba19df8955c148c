/* What is wrong with a text, how it can be mended, and its canonical form. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/tool/fmt.h"
#include "runtime/base/io.h"
#include "runtime/value/json.h"

/* A diagnostic without a place is about the first line. */
static struct span shown(const struct src_file *f, struct span span)
{
	if (span.lo < f->base || span.hi > f->base + f->text.n)
		return (struct span){f->base, f->base};
	return span;
}

static bool is_of(const struct src_file *f, const struct diag *d)
{
	return !d->span.lo || (d->span.lo >= f->base && d->span.lo <= f->base + f->text.n);
}

static void add_notes(struct server *s, const struct src *src, const struct diag *d,
		      struct buf *out)
{
	struct arena a = {0};
	unsigned n = 0;

	for (size_t i = 0; i < d->notes.n; i++) {
		const struct diag_at *note = &d->notes.at[i];
		const struct src_file *f = src_file_at(src, note->span.lo);

		if (!f || !note->span.lo)
			continue;
		if (!n++) {
			json_put_key(out, "relatedInformation");
			buf_addc(out, '[');
		} else {
			buf_addc(out, ',');
		}
		char *real = realpath(f->path.p, NULL);

		buf_addz(out, "{\"location\":{");
		json_put_str(out, "uri", place_uri_of(&a, real ? str_of(real) : f->path));
		place_add_range(s, f, note->span, out);
		buf_addc(out, '}');
		json_put_str(out, "message", note->text);
		buf_addc(out, '}');
		free(real);
	}
	if (n)
		buf_addc(out, ']');
	arena_release(&a);
}

/* The message, what stands under the caret, and notes and help without a place. */
static void add_message(const struct diag *d, struct buf *out)
{
	struct buf text = {0};

	buf_add(&text, d->text);
	if (d->label.n)
		buf_addf(&text, "\n%.*s", STR_ARG(d->label));
	for (size_t i = 0; i < d->notes.n; i++)
		if (!d->notes.at[i].span.lo)
			buf_addf(&text, "\n%.*s", STR_ARG(d->notes.at[i].text));
	for (size_t i = 0; i < d->fixes.n; i++)
		if (d->fixes.at[i].text.n)
			buf_addf(&text, "\nhelp: %.*s", STR_ARG(d->fixes.at[i].text));
	json_put_str(out, "message", buf_str(&text));
	buf_release(&text);
}

static void add_diagnostic(struct server *s, const struct src *src,
			   const struct src_file *f, const struct diag *d,
			   struct buf *out)
{
	buf_addc(out, '{');
	place_add_range(s, f, shown(f, d->span), out);
	json_put_int(out, "severity", diag_code_is_error(d->code) ? 1 : 2);
	json_put_str(out, "code", str_of(diag_code_name(d->code)));
	json_put_str(out, "source", STR("kfpc"));
	add_message(d, out);
	add_notes(s, src, d, out);
	buf_addc(out, '}');
}

/* The notification with all that is wrong. */
static void add_publication(struct server *s, const struct document *d,
			    const struct analysis *a, struct buf *out)
{
	const struct diags *ds = &a->c.diags;
	const struct src_file *f = a->c.root->src;
	unsigned n = 0;

	buf_addz(out, "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/publishDiagnostics\","
		      "\"params\":{");
	json_put_str(out, "uri", d->uri);
	json_put_int(out, "version", d->version);
	json_put_key(out, "diagnostics");
	buf_addc(out, '[');
	for (size_t i = 0; i < ds->all.n; i++) {
		if (!is_of(f, ds->all.at[i]))
			continue;
		buf_addz(out, n++ ? "," : "");
		add_diagnostic(s, &a->c.src, f, ds->all.at[i], out);
	}
	buf_addz(out, "]}}");
}

void diagnostics_publish(struct server *s, struct document *d)
{
	struct analysis *a = document_analysis(s, d);
	struct buf out = {0};

	d->is_stale = false;
	if (!a)
		return;
	add_publication(s, d, a, &out);
	/* Said already: then what contents have added to it stays in sight, too. */
	if (!str_eq(buf_str(&out), buf_str(&d->said))) {
		rpc_send(s, buf_str(&out));
		buf_release(&d->said);
		d->said = out;
		out = (struct buf){0};
	}
	buf_release(&out);
}

/* The child: compiles anew, with the contents, and says the whole message. */
static void look_at_contents(struct server *s, struct document *d, int to)
{
	struct analysis *a = analysis_new(s, d->path, buf_str(&d->text), true);
	struct buf out = {0};

	if (a->is_read) {
		add_publication(s, d, a, &out);
		io_write_all(to, buf_str(&out));
	}
	_exit(0);
}

void contents_begin(struct server *s, struct document *d)
{
	int fds[2];

	d->is_unlooked = false;
	if (!s->host->check_contents || pipe2(fds, O_CLOEXEC))
		return;
	s->contents.pid = fork();
	if (!s->contents.pid) {
		setpgid(0, 0);
		look_at_contents(s, d, fds[1]);
	}
	close(fds[1]);
	s->contents.fd = fds[0];
	if (s->contents.pid < 0) {
		close(fds[0]);
		s->contents.pid = 0;
	}
}

static void contents_end(struct server *s)
{
	close(s->contents.fd);
	while (waitpid(s->contents.pid, NULL, 0) < 0 && errno == EINTR)
		;
	s->contents.pid = 0;
	buf_clear(&s->contents.said);
}

void contents_read(struct server *s)
{
	struct contents_check *c = &s->contents;
	ssize_t n;

	n = read(c->fd, buf_reserve(&c->said, 65536), 65536);
	if (n > 0) {
		c->said.n += (size_t)n;
		return;
	}
	if (c->said.n)
		rpc_send(s, buf_str(&c->said));
	contents_end(s);
}

void contents_stop(struct server *s)
{
	if (!s->contents.pid)
		return;
	kill(-s->contents.pid, SIGKILL);
	kill(s->contents.pid, SIGKILL);
	contents_end(s);
}

void edit_add(struct server *s, const struct src_file *f, struct span span, struct str put,
	      struct buf *out)
{
	buf_addc(out, '{');
	place_add_range(s, f, span, out);
	json_put_str(out, "newText", put);
	buf_addc(out, '}');
}

/* The least edit that makes `to` of the file.  Whole lines, so that no character is cut. */
static void edit_add_least(struct server *s, const struct src_file *f, struct str to,
			   struct buf *out)
{
	struct str from = f->text;
	size_t lo = 0, same = 0, hi = 0, ends = 0;

	while (same < from.n && same < to.n && from.p[same] == to.p[same])
		if (from.p[same++] == '\n')
			lo = same;
	while (ends < from.n - lo && ends < to.n - lo &&
	       from.p[from.n - ends - 1] == to.p[to.n - ends - 1]) {
		if (from.p[from.n - ends - 1] == '\n')
			hi = ends;
		ends++;
	}
	edit_add(s, f,
		 (struct span){f->base + (uint32_t)lo, f->base + (uint32_t)(from.n - hi)},
		 str_sub(to, lo, to.n - hi), out);
}

void lsp_formatting(struct request *q)
{
	struct buf formed = {0};
	struct compilation c;
	struct src_file *f;
	struct err err;

	if (!q->doc)
		return;
	compilation_init(&c);
	if (!fmt_text(&c, q->doc->path, buf_str(&q->doc->text), &formed, &err)) {
		f = c.src.files.at[0];
		buf_addc(&q->out, '[');
		if (!str_eq(f->text, buf_str(&formed)))
			edit_add_least(q->s, f, buf_str(&formed), &q->out);
		buf_addc(&q->out, ']');
	} else {
		q->code = LSP_REQUEST_FAILED;
		q->fault = arena_str(&q->arena, str_of(err.text)).p;
	}
	compilation_release(&c);
	buf_release(&formed);
}

struct actions {
	struct request *q;
	const struct analysis *a;
	unsigned n;
};

static void open_action(struct actions *x, struct str title, const char *kind)
{
	struct buf *out = &x->q->out;

	buf_addz(out, x->n++ ? ",{" : "{");
	json_put_str(out, "title", title);
	json_put_str(out, "kind", str_of(kind));
}

static void open_edits(struct actions *x)
{
	json_put_key(&x->q->out, "edit");
	buf_addz(&x->q->out, "{\"changes\":{");
	buf_add_json(&x->q->out, x->q->doc->uri);
	buf_addz(&x->q->out, ":[");
}

static struct str title_of(const struct diag *d)
{
	for (size_t i = 0; i < d->fixes.n; i++)
		if (d->fixes.at[i].text.n)
			return d->fixes.at[i].text;
	return d->text;
}

static bool are_here(const struct actions *x, const struct diag *d)
{
	const struct src_file *f = x->a->c.root->src;

	for (size_t i = 0; i < d->fixes.n; i++)
		if (d->fixes.at[i].span.lo < f->base ||
		    d->fixes.at[i].span.hi > f->base + f->text.n)
			return false;
	return d->fixes.n > 0;
}

static bool are_sure(const struct diag *d)
{
	for (size_t i = 0; i < d->fixes.n; i++)
		if (!d->fixes.at[i].sure)
			return false;
	return true;
}

static void add_edits(struct actions *x, const struct diag *d, bool first)
{
	for (size_t i = 0; i < d->fixes.n; i++) {
		buf_addz(&x->q->out, first && !i ? "" : ",");
		edit_add(x->q->s, x->a->c.root->src, d->fixes.at[i].span,
			 d->fixes.at[i].put, &x->q->out);
	}
}

/* The fixes of one diagnostic belong together. */
static void add_action(struct actions *x, const struct diag *d)
{
	open_action(x, title_of(d), "quickfix");
	json_put_bool(&x->q->out, "isPreferred", are_sure(d));
	json_put_key(&x->q->out, "diagnostics");
	buf_addc(&x->q->out, '[');
	add_diagnostic(x->q->s, &x->a->c.src, x->a->c.root->src, d, &x->q->out);
	buf_addc(&x->q->out, ']');
	open_edits(x);
	add_edits(x, d, true);
	buf_addz(&x->q->out, "]}}}");
}

/* All that is sure, but what overlaps. */
static void add_all(struct actions *x)
{
	const struct diags *ds = &x->a->c.diags;
	uint32_t done = 0;
	bool first = true;

	for (size_t i = 0; i < ds->all.n; i++) {
		const struct diag *d = ds->all.at[i];

		if (!are_here(x, d) || !are_sure(d) || d->fixes.at[0].span.lo < done)
			continue;
		if (first) {
			open_action(x, STR("fix all that is sure"), "source.fixAll");
			open_edits(x);
		}
		add_edits(x, d, first);
		for (size_t k = 0; k < d->fixes.n; k++)
			if (d->fixes.at[k].span.hi >= done)
				done = d->fixes.at[k].span.hi + 1;
		first = false;
	}
	if (!first)
		buf_addz(&x->q->out, "]}}}");
}

void lsp_actions(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	struct actions x = {q, a, 0};
	struct span range;

	if (!a)
		return;
	range.lo = place_offset(q->s, a->c.root->src, rpc_at(q->params, "range.start"));
	range.hi = place_offset(q->s, a->c.root->src, rpc_at(q->params, "range.end"));
	buf_addc(&q->out, '[');
	for (size_t i = 0; i < a->c.diags.all.n; i++) {
		const struct diag *d = a->c.diags.all.at[i];

		if (are_here(&x, d) && d->span.lo <= range.hi && range.lo <= d->span.hi)
			add_action(&x, d);
	}
	add_all(&x);
	buf_addc(&q->out, ']');
}
