/* The compilation: every text is parsed under its own name, and the items that the
 * program has of it become one tree. */
#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/bc/config.h"

enum { MAKE_ROUNDS = 12 };	/* a fault may show another one */

struct making {
	struct program *p;
	struct program_input *in;
};

static struct kept_file *find_kept(struct program *p, const char *path)
{
	for (size_t i = 0; i < p->files.n; i++)
		if (str_is(p->files.at[i]->path, path))
			return p->files.at[i];
	return NULL;
}

static struct kept_file *keep_file(struct program *p, const char *path)
{
	const struct sema_loader *l = &p->host->loader;
	struct kept_file *f = calloc(1, sizeof *f);

	if (!f)
		err_nomem();
	f->path = str_of(strdup(path));
	if (!f->path.p)
		err_nomem();
	f->is_missing = l->read ? l->read(l->ctx, path, &f->text, &f->err)
				: io_read_file(path, LIMIT_FILE_BYTES, &f->text, &f->err);
	if (!f->is_missing)
		vec_push(&p->files, f);
	return f;
}

static int read_file(void *ctx, const char *path, struct buf *out, struct err *err)
{
	struct making *mk = ctx;
	struct kept_file *f = find_kept(mk->p, path);

	if (!f)
		f = keep_file(mk->p, path);
	if (f->is_missing) {	/* it may come to be, so this is not kept */
		*err = f->err;
		buf_release(&f->text);
		free((char *)(uintptr_t)f->path.p);
		free(f);
		return -1;
	}
	buf_add(out, buf_str(&f->text));
	return 0;
}

/* The texts of the program, in the order of their first entries, numbered. */
static void index_texts(struct program_input *in)
{
	const struct program_entries *e = &in->next->e;
	struct program_made *m = in->made;
	struct program_text *t;

	m->parts = ARENA_ARRAY(&in->arena, e->n + 1, struct made_part);
	m->sema_parts = ARENA_ARRAY(&in->arena, e->n + 1, struct sema_part);
	for (size_t i = 0; i < e->n; i++)
		e->at[i].item->of->part = 0;
	for (size_t i = 0; i < e->n; i++) {
		t = e->at[i].item->of;
		if (!t->part) {
			m->parts[m->nparts].text = t;
			t->part = (uint32_t)++m->nparts;
		}
	}
}

/* The entries of each text by place: each item of it has one entry at most. */
static void index_entries(struct program_input *in)
{
	const struct program_entries *e = &in->next->e;
	struct program_made *m = ARENA_NEW(&in->arena, struct program_made);

	reads_release(in->made);
	in->made = m;
	m->nodes = ARENA_ARRAY(&in->arena, e->n + 1, struct node *);
	m->out = ARENA_ARRAY(&in->arena, e->n + 1, bool);
	index_texts(in);
	for (size_t k = 0; k < m->nparts; k++)
		m->parts[k].by_item = ARENA_ARRAY(&in->arena,
						  m->parts[k].text->nitems + 1,
						  uint32_t);
	for (uint32_t i = 0; i < e->n; i++) {
		const struct program_item *item = e->at[i].item;

		m->parts[item->of->part - 1].by_item[item->number] = i + 1;
	}
}

static const struct made_part *part_at(const struct program_input *in, uint32_t offset)
{
	const struct program_made *m = in->made;
	const struct src_file *f = src_file_at(&in->c.src, offset);
	size_t k;

	if (!f || !m->nparts || !m->parts[0].src || f->index < m->parts[0].src->index)
		return NULL;
	k = f->index - m->parts[0].src->index;
	return k < m->nparts ? &m->parts[k] : NULL;
}

/* Where the root's import stands that leads to a file. */
static uint32_t import_of(const struct program_input *in, const struct src_file *src)
{
	const struct sema *s = &in->c.sema;
	const struct sema_file *f = NULL;

	for (size_t i = 0; i < s->files.n && !f; i++)
		if (s->files.at[i]->src == src)
			f = s->files.at[i];
	while (f && f->importer && f->importer != in->c.root)
		f = f->importer;
	return f && f->importer ? f->import_span.lo : 0;
}

static uint32_t entry_in(const struct made_part *part, uint32_t offset)
{
	const struct program_text *t = part->text;
	uint32_t at = offset - part->src->base;
	size_t lo = 0, hi = t->nitems;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->items[mid].hi < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* What is wrong between two items has to do with the one that follows. */
	lo = lo < t->nitems ? lo : t->nitems - 1;
	return t->nitems && part->by_item[lo] ? part->by_item[lo] - 1 : ENTRY_NONE;
}

uint32_t made_entry_at(const struct program_input *in, uint32_t offset)
{
	const struct made_part *part = part_at(in, offset);
	const struct src_file *f;

	if (!part) {
		f = src_file_at(&in->c.src, offset);
		offset = f ? import_of(in, f) : 0;
		part = offset ? part_at(in, offset) : NULL;
	}
	return part ? entry_in(part, offset) : ENTRY_NONE;
}

static void parse_part(struct program_input *in, struct sema *s, struct made_part *part)
{
	struct program_text *t = part->text;
	struct src_file *f = src_add(s->parse.src, t->path, t->text);
	struct parse_result r;
	uint32_t index = 0;
	size_t k = 0;

	if (!f)
		BUG("the texts of a session are larger than 4 GiB");
	part->src = f;
	r = parse_file(&s->parse, f);
	allows_read(&s->allows, f, &r, s->parse.diags);
	vec_release(&r.comments);
	for (struct node *n = r.file->file.items.first; n; n = n->next, index++) {
		if (k == t->nitems || t->items[k].index != index)
			continue;
		if (part->by_item[k])
			in->made->nodes[part->by_item[k] - 1] = n;
		k++;
	}
}

/* The import without the names that others make now. */
static void hide_names(const struct program_item *item, struct node *n)
{
	struct list left = {0};
	uint32_t k = 0;

	if (!item->hidden || n->kind != AST_FROM)
		return;
	for (struct node *one = n->from.names.first, *next; one; one = next) {
		next = one->next;
		if (one->kind == AST_IMPORT_NAME && k < item->nkeys && item->hidden[k++])
			continue;
		list_add(&left, one);
	}
	n->from.names = left;
}

static struct node *name_node(struct sema *s, struct str name, struct span at)
{
	struct node *n = node_new(s->parse.arena, AST_NAME, at);

	n->name.name = sym_intern(s->parse.syms, name);
	return n;
}

/* The name of an expression's binding, which nothing else has. */
static struct str free_name(const struct program_input *in, struct arena *a,
			    struct str name)
{
	for (size_t i = 0; i < in->next->e.n; i++) {
		const struct program_item *item = in->next->e.at[i].item;

		for (uint32_t k = 0; k < item->nnames; k++)
			if (str_eq(item->names[k], name)) {
				name = arena_printf(a, "%.*s_", STR_ARG(name));
				i = (size_t)-1;
				break;
			}
	}
	return name;
}

/* An expression is the value of a binding. */
static struct node *bound_value(struct program_input *in, struct sema *s, struct node *n)
{
	struct node *bind = node_new(s->parse.arena, AST_BIND, n->span);

	bind->bind.target = name_node(s, free_name(in, s->parse.arena, STR("_")),
				      n->span);
	bind->bind.value = n->do_.value;
	bind->bind.with = n->do_.with;
	node_measure(bind);
	return bind;
}

/* One of a list of tasks is no value: each of its outputs is one. */
static void add_outputs(struct program_input *in, struct sema *s, struct node *n)
{
	struct arena *a = s->parse.arena;

	for (uint32_t i = 0; i < in->noutputs; i++) {
		struct node *field = node_new(a, AST_FIELD, n->span);
		struct node *bind = node_new(a, AST_BIND, n->span);
		struct str name = arena_printf(a, "_%.*s", STR_ARG(in->outputs[i]));

		field->field.object = n->do_.value;
		field->field.name = sym_intern(s->parse.syms, in->outputs[i]);
		field->field.name_at = n->span;
		node_measure(field);
		bind->bind.target = name_node(s, free_name(in, a, name), n->span);
		bind->bind.value = field;
		node_measure(bind);
		list_add(&in->made->pipeline->pipeline.items, bind);
	}
}

static void add_entries(struct program_input *in, struct sema *s, struct node *tree)
{
	struct program_made *m = in->made;

	for (size_t i = 0; i < in->next->e.n; i++) {
		const struct program_entry *e = &in->next->e.at[i];
		struct node *n = m->nodes[i];
		struct list *items;

		if (m->out[i])
			m->nodes[i] = NULL;
		if (m->out[i] || !n)
			continue;
		hide_names(e->item, n);
		if (e->kind == PROGRAM_EXPRESSION && in->noutputs &&
		    i + 1 == in->next->e.n) {
			add_outputs(in, s, n);
			continue;
		}
		if (e->kind == PROGRAM_EXPRESSION)
			m->nodes[i] = n = bound_value(in, s, n);
		items = e->kind == PROGRAM_DECLARATION ? &tree->file.items
						       : &m->pipeline->pipeline.items;
		list_add(items, n);
	}
}

static struct node *make_tree(void *ctx, struct sema *s, struct sema_file *root)
{
	struct making *mk = ctx;
	struct program_input *in = mk->in;
	struct program_made *m = in->made;
	struct node *tree = node_new(s->parse.arena, AST_FILE, SPAN_NONE);

	m->pipeline = node_new(s->parse.arena, AST_PIPELINE, SPAN_NONE);
	m->pipeline->pipeline.name = name_node(
		s, free_name(in, s->parse.arena, STR("session")), SPAN_NONE);
	for (size_t i = 0; i < m->nparts; i++) {
		parse_part(in, s, &m->parts[i]);
		m->sema_parts[i].src = m->parts[i].src;
		m->sema_parts[i].dir = m->parts[i].text->dir;
	}
	root->parts = m->sema_parts;
	root->nparts = (uint32_t)m->nparts;
	add_entries(in, s, tree);
	list_add(&tree->file.items, m->pipeline);
	node_measure(m->pipeline);
	node_measure(tree);
	return tree;
}

static bool is_of_new(const struct program_input *in, uint32_t entry)
{
	return entry == ENTRY_NONE || is_new(in, &in->next->e.at[entry]);
}

/* Contents of components are looked at when they are new. */
static void check_contents(struct program_input *in)
{
	const struct program *p = in->program;
	struct module *m = in->c.parts;
	uint32_t n = 0;

	if (!m || !p->host->check_contents)
		return;
	for (uint32_t i = 0; i < m->ncomponents; i++) {
		struct node **decl = &in->c.lowered.decls[i];
		uint32_t e = *decl ? made_entry_at(in, (*decl)->span.lo) : ENTRY_NONE;

		if (e == ENTRY_NONE || !(is_of_new(in, e) || in->checks_all))
			*decl = NULL;
		n += *decl != NULL;
	}
	if (n)
		p->host->check_contents("session", &in->c);
}

/* What only says that something is not used yet, or what has run already. */
static bool is_idle(void *ctx, const struct diag *d)
{
	(void)ctx;
	switch (d->code) {
	case W0103:
	case W0301:
	case W0302:
	case W0303:
	case W0304:
	case W0305:
	case W0401:
		return true;
	default:
		return false;
	}
}

static void compile_once(struct program_input *in, unsigned flags)
{
	struct making mk = {in->program, in};
	struct compile_opts o = {
		.text = STR(""),
		.loader = in->program->host->loader,
		.flags = flags,
	};
	struct err err;

	o.loader.read = read_file;
	o.loader.tree = make_tree;
	o.loader.ctx = &mk;
	compilation_release(&in->c);
	compilation_init(&in->c);
	if (compile(&in->c, "session", &o, &err))
		BUG("%s", err.text);
	check_contents(in);
	allows_apply(&in->c.allows, &in->c.diags, 0);
	diag_drop(&in->c.diags, is_idle, NULL);
	diag_finish(&in->c.diags);
}

struct chosen {		/* some of the diagnostics */
	const struct program_input *in;
	struct diags d;
};

static void choose(struct chosen *x, struct diag *d)
{
	vec_push(&x->d.all, d);
	diag_code_is_error(d->code) ? x->d.nerrors++ : x->d.nwarnings++;
}

static struct chosen choose_none(const struct program_input *in)
{
	struct chosen x = {in, in->c.diags};

	memset(&x.d.all, 0, sizeof x.d.all);
	x.d.nerrors = x.d.nwarnings = x.d.dropped = 0;
	return x;
}

/* Of an entry, or (ENTRY_NONE) of what is new: errors, or everything. */
static void choose_of(struct chosen *x, uint32_t entry, bool errors_only)
{
	const struct diags *all = &x->in->c.diags;

	for (size_t i = 0; i < all->all.n; i++) {
		struct diag *d = all->all.at[i];
		uint32_t e = d->span.lo ? made_entry_at(x->in, d->span.lo) : ENTRY_NONE;

		if (errors_only && !diag_code_is_error(d->code))
			continue;
		if (entry != ENTRY_NONE ? e == entry : is_of_new(x->in, e))
			choose(x, d);
	}
}

/* Errors of entries that were right before. */
static void choose_of_old(struct chosen *x)
{
	const struct program_entries *e = &x->in->next->e;

	for (uint32_t i = 0; i < e->n; i++)
		if (!is_new(x->in, &e->at[i]) && e->at[i].state != PROGRAM_BROKEN)
			choose_of(x, i, true);
}

void make_say(struct program_input *in)
{
	struct chosen x = choose_none(in);

	if (!in->c.diags.nerrors || in->c.diags.dropped) {
		choose_of(&x, ENTRY_NONE, false);
	} else {
		choose_of(&x, ENTRY_NONE, true);
		if (in->breaks)
			choose_of_old(&x);
		for (size_t i = 0; !x.d.all.n && i < in->c.diags.all.n; i++)
			choose(&x, in->c.diags.all.at[i]);
	}
	in->nerrors = x.d.nerrors;
	in->nwarnings = x.d.nwarnings;
	buf_clear(&in->said);
	if (x.d.all.n)
		diag_print_text(&x.d, in->program->colour, &in->said);
	vec_release(&x.d.all);
}

/* Which entries have errors; false if what is new has one, or nobody. */
static bool find_faults(const struct program_input *in, bool *faulty)
{
	const struct diags *all = &in->c.diags;
	bool good = true;

	for (size_t i = 0; i < all->all.n; i++) {
		const struct diag *d = all->all.at[i];
		uint32_t e;

		if (!diag_code_is_error(d->code))
			continue;
		e = d->span.lo ? made_entry_at(in, d->span.lo) : ENTRY_NONE;
		/* A file that is read anew must be right by itself. */
		if (e == ENTRY_NONE || is_new(in, &in->next->e.at[e]) ||
		    (in->changed_files.n && !part_at(in, d->span.lo)))
			good = false;
		else
			faulty[e] = true;
	}
	return good;
}

/* Where an entry reads one of the set. */
static const struct made_edge *edge_into(const struct program_input *in, uint32_t from,
					 const bool *set)
{
	const struct program_made *m = in->made;

	for (size_t i = 0; i < m->edges.n; i++)
		if (m->edges.at[i].from == from && set[m->edges.at[i].to])
			return &m->edges.at[i];
	return NULL;
}

/* Why an entry that has no error itself goes with those that have. */
static struct str because_of(struct program_input *in, uint32_t i, const bool *faulty,
			     const bool *all)
{
	const struct made_edge *edge = edge_into(in, i, faulty);
	const struct program_entry *e;

	edge = edge ? edge : edge_into(in, i, all);
	if (!edge)
		return STR("it depends on what does not compile any more\n");
	e = &in->next->e.at[edge->to];
	return arena_printf(&in->arena,
			    "it reads '%.*s' (%.*s), which does not compile any "
					"more\n",
			    STR_ARG(e->nnames ? e->names[0] : e->title),
			    STR_ARG(e->place));
}

static void break_entry(struct program_input *in, uint32_t i, const bool *faulty,
			const bool *all)
{
	struct program_entry *e = &in->next->e.at[i];
	struct chosen x = choose_none(in);
	struct buf text = {0};

	in->made->out[i] = true;
	choose_of(&x, i, true);
	if (x.d.all.n)
		diag_print_text(&x.d, false, &text);
	entry_set_error(e, text.n ? buf_str(&text) : because_of(in, i, faulty, all));
	e->state = PROGRAM_BROKEN;
	buf_release(&text);
	vec_release(&x.d.all);
}

/* What is new cannot use what is broken. */
static bool say_broken_use(struct program_input *in, const bool *faulty, const bool *all)
{
	bool good = true;

	for (uint32_t i = 0; i < in->next->e.n; i++) {
		const struct made_edge *edge;
		const struct program_entry *to;

		if (!all[i] || !is_new(in, &in->next->e.at[i]))
			continue;
		good = false;
		edge = edge_into(in, i, faulty);
		edge = edge ? edge : edge_into(in, i, all);
		if (!edge || is_new(in, &in->next->e.at[edge->to]))
			continue;
		to = &in->next->e.at[edge->to];
		in->breaks |= to->state != PROGRAM_BROKEN;
		diag_note(diag(&in->c.diags, edge->at, E0301,
			       "'%.*s' cannot be used: it does not compile %s",
			       STR_ARG(to->nnames ? to->names[0] : to->title),
			       to->state == PROGRAM_BROKEN ? "any more" : "with this"),
			  SPAN_NONE, "it is %.*s; type it anew%s", STR_ARG(to->place),
			  to->state == PROGRAM_BROKEN ? ", or undo what broke it" : "");
	}
	return good;
}

static bool leave_out(struct program_input *in, bool *faulty)
{
	size_t n = in->next->e.n;
	bool *all = ARENA_ARRAY(&in->arena, n + 1, bool);

	reads_find(in);
	memcpy(all, faulty, n * sizeof *all);
	reads_close(in, all, false);
	if (!say_broken_use(in, faulty, all))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (all[i])
			break_entry(in, i, faulty, all);
	return true;
}

/* A check that failed when it was typed holds up nothing that follows. */
static void leave_out_asserts(struct program_input *in)
{
	for (size_t i = 0; i < in->next->e.n; i++) {
		const struct program_entry *e = &in->next->e.at[i];

		if (e->item->tag == AST_ASSERT && e->state == PROGRAM_FAILED &&
		    !e->was_done && !in->reruns)
			in->made->out[i] = true;
	}
}

static bool is_set(const struct session *s, struct str address)
{
	for (size_t i = 0; i < s->config.n; i++) {
		struct str set = str_sub(s->config.at[i], 0,
					 str_find(s->config.at[i], STR("="), 0));

		if (str_has_prefix(set, address) &&
		    (set.n == address.n || set.p[address.n] == '.'))
			return true;
	}
	return false;
}

/* The entry whose call an address begins with. */
static uint32_t entry_called(const struct program_input *in, struct str address)
{
	const struct module_pipeline *p = &in->c.module->pipelines[in->pipeline];
	struct str name = str_sub(address, 0, str_find(address, STR("."), 0));
	const struct program_entry *e;

	for (uint32_t i = p->nnodes; i-- > 0;) {
		if (!str_eq(p->nodes[i].name, name))
			continue;
		e = program_entry_of(in, &p->nodes[i]);
		if (e)
			return (uint32_t)(e - in->next->e.at);
	}
	return ENTRY_NONE;
}

/* A parameter that no call passes and that nothing is set for. */
static void say_missing(struct program_input *in, const struct config_slot *slot)
{
	uint32_t e = entry_called(in, slot->address);
	struct str address = slot->address;
	bool is_nested = str_find(address, STR("."), str_find(address, STR("."), 0) + 1) <
			 address.n;
	struct diag *d;

	if (e == ENTRY_NONE || !in->made->nodes[e])
		return;
	d = diag(&in->c.diags, in->made->nodes[e]->span, E0402,
		 "'%.*s' has no value: %sset it with ':config %.*s=...'",
		 STR_ARG(address),
		 is_nested ? "" : "pass it in the call, or ", STR_ARG(address));
	diag_note(d, SPAN_NONE, "it is of type %.*s, declared at %.*s",
		  STR_ARG(type_name(slot->type, &in->arena)),
		  STR_ARG(module_loc(in->c.module, slot->loc, &in->arena)));
}

/* Says what cannot run for want of values; false if there is any. */
static bool check_missing(struct program_input *in)
{
	struct config_slots slots = {0};
	struct err err;

	in->pipeline = module_find_pipeline(
		in->c.module, sym_str(in->made->pipeline->pipeline.name->name.name));
	if (in->pipeline == MODULE_NONE ||
	    config_slots(in->c.module, in->pipeline, false, &in->arena, &slots, &err))
		return true;
	for (size_t i = 0; i < slots.n; i++)
		if (slots.at[i].param && !slots.at[i].fallback &&
		    !is_set(in->next, slots.at[i].address))
			say_missing(in, &slots.at[i]);
	map_release(&slots.by_address);
	diag_finish(&in->c.diags);
	return !in->c.diags.nerrors;
}

bool make(struct program_input *in, unsigned flags)
{
	index_entries(in);
	leave_out_asserts(in);
	for (int round = 0; round < MAKE_ROUNDS; round++) {
		bool *faulty = ARENA_ARRAY(&in->arena, in->next->e.n + 1, bool);

		compile_once(in, flags);
		if (!in->c.diags.nerrors && check_missing(in)) {
			reads_find(in);
			make_say(in);
			return true;
		}
		if (!find_faults(in, faulty) || !leave_out(in, faulty))
			break;
	}
	make_say(in);
	return false;
}
