/* Where what is new goes: in place of what made the same before, and behind what it
 * reads. */
#include <config.h>

#include "compiler/repl/program_int.h"

#include <stdlib.h>

bool is_new(const struct program_input *in, const struct program_entry *e)
{
	return e->id >= in->first_id;
}

/* Declarations and bindings are names of two kinds: a binding may hide a declaration. */
static struct str full_key(struct arena *a, const struct program_item *i, uint32_t k)
{
	return arena_printf(a, "%c%.*s", i->kind == PROGRAM_DECLARATION ? 'd' : 's',
			    STR_ARG(i->keys[k]));
}

/* What is about to be placed, by number. */
struct placing {
	struct program_input *in;
	struct program_text *t;
	struct map makers;		/* full key -> number of the item, plus one */
	uint32_t *first;		/* of each item: the one whose place it takes */
	bool *gone;			/* a later one of the same text makes the same */
	bool *placed;
	struct session *next;
};

static void index_items(struct placing *p)
{
	struct arena *a = &p->in->arena;

	for (uint32_t i = 0; i < p->t->nitems; i++) {
		const struct program_item *item = &p->t->items[i];

		p->first[i] = i;
		p->gone[i] |= item->is_gone;
		for (uint32_t k = 0; k < item->nkeys && !item->is_gone; k++) {
			if (item->hidden && item->hidden[k])
				continue;
			struct str key = full_key(a, item, k);
			uintptr_t old = (uintptr_t)map_set(&p->makers, key,
							   (void *)(uintptr_t)(i + 1));

			if (!old || old - 1 == i || p->t->is_file)
				continue;
			p->gone[old - 1] = true;
			if (p->first[old - 1] < p->first[i])
				p->first[i] = p->first[old - 1];
		}
	}
}

static uint32_t maker_of(struct placing *p, const struct program_item *i, uint32_t k)
{
	uintptr_t at = (uintptr_t)map_get(&p->makers, full_key(&p->in->arena, i, k));

	return at ? (uint32_t)at - 1 : ENTRY_NONE;
}

static struct span span_of(const struct placing *p, const struct program_item *i)
{
	const struct src *src = &p->in->c.src;
	uint32_t base = src->files.n ? src->files.at[0]->base : 0;

	if (!base || i->of != p->t)
		return SPAN_NONE;
	return (struct span){base + i->lo, base + i->hi};
}

static bool reads(const struct program_item *i, struct str name)
{
	for (uint32_t k = 0; k < i->nreads; k++)
		if (str_eq(i->reads[k], name))
			return true;
	return false;
}

/* Another entry that reads the name; NULL: none. */
static const struct program_entry *reader_of(const struct session *s,
					     const struct program_entry *maker,
					     struct str name)
{
	for (size_t i = 0; i < s->e.n; i++)
		if (&s->e.at[i] != maker && reads(s->e.at[i].item, name))
			return &s->e.at[i];
	return NULL;
}

/* Would names be lost that something else reads, as old makes more than what replaces
 * it? */
static bool loses_names(struct placing *p, const struct program_entry *old, uint32_t by)
{
	const struct program_item *i = old->item;
	const struct program_entry *reader;
	struct diag *d;

	if (i->kind == PROGRAM_DECLARATION)
		return false;
	for (uint32_t k = 0; k < i->nnames; k++) {
		if (maker_of(p, i, k) != ENTRY_NONE)
			continue;
		reader = reader_of(p->in->next, old, i->names[k]);
		if (!reader)
			continue;
		d = diag(&p->in->c.diags, span_of(p, &p->t->items[by]), E0306,
			 "this replaces %.*s, which also binds '%.*s'",
			 STR_ARG(old->place), STR_ARG(i->names[k]));
		diag_note(d, SPAN_NONE, "'%.*s' is read by %.*s: %.*s",
			  STR_ARG(i->names[k]), STR_ARG(reader->place),
			  STR_ARG(reader->title));
		diag_note(d, SPAN_NONE, "type the whole of %.*s anew",
			  STR_ARG(old->place));
		return true;
	}
	return false;
}

/* `x = x + 1`: what is replaced cannot be read. */
static bool reads_itself(struct placing *p, uint32_t by, uint32_t key)
{
	const struct program_item *i = &p->t->items[by];
	struct str name;
	struct diag *d;

	if (i->tag != AST_BIND || key >= i->nnames || !reads(i, i->names[key]))
		return false;
	name = i->names[key];
	for (size_t k = 0; k < p->in->next->e.n; k++) {
		const struct program_entry *e = &p->in->next->e.at[k];

		if (e->kind == PROGRAM_DECLARATION && e->nnames &&
		    str_eq(e->names[0], name))
			return false;
	}
	d = diag(&p->in->c.diags, span_of(p, i), E0314,
		 "'%.*s' would be made from itself: it replaces the one that it reads",
		 STR_ARG(name));
	diag_label(d, "bind the new value to another name");
	return true;
}

static bool is_same_text(const struct program_entry *old, const struct program_item *i)
{
	if (!str_eq(old->text, str_sub(i->of->text, i->lo, i->hi)))
		return false;
	for (uint32_t k = 0; k < i->nkeys; k++)
		if ((i->hidden && i->hidden[k]) !=
		    (old->item->hidden && old->item->hidden[k]))
			return false;
	return true;
}

static void put_item(struct placing *p, uint32_t i)
{
	const struct program_item *item = &p->t->items[i];
	struct program_entry e = entry_of_item(item, p->in->next_id + i);

	p->placed[i] = true;
	session_add(p->next, &e, p->next->e.n);
}

/* The item that comes to stand where item i did; ENTRY_NONE: it stands elsewhere. */
static uint32_t last_for(const struct placing *p, uint32_t i)
{
	for (uint32_t k = i; k < p->t->nitems; k++)
		if (!p->gone[k] && p->first[k] == p->first[i])
			return k;
	return ENTRY_NONE;
}

/* One of the entries that were there: stays, or gives its place to what is new. */
static bool place_over(struct placing *p, const struct program_entry *old)
{
	const struct program_item *i = old->item, *left = i;
	struct program_entry kept = *old;
	uint32_t by = ENTRY_NONE, key = 0;

	for (uint32_t k = 0; k < i->nkeys; k++) {
		uint32_t m = i->hidden && i->hidden[k] ? ENTRY_NONE : maker_of(p, i, k);

		if (m == ENTRY_NONE || i->of == p->t)
			continue;
		if (i->tag == AST_FROM)
			left = left ? item_without(left, &i->keys[k], 1) : NULL;
		else
			left = NULL;
		if (by == ENTRY_NONE)
			by = m, key = k;
	}
	if (left) {
		kept.item = left;
		session_add(p->next, &kept, p->next->e.n);
	}
	if (by == ENTRY_NONE)
		return true;
	if (i->kind == PROGRAM_STATEMENT &&
	    (reads_itself(p, by, key) || loses_names(p, old, by)))
		return false;
	vec_push(&p->in->redefined, *old);
	/* Several may make what it made. */
	for (uint32_t k = 0; k < i->nkeys; k++) {
		uint32_t m = i->hidden && i->hidden[k] ? ENTRY_NONE : maker_of(p, i, k);

		if (m == ENTRY_NONE)
			continue;
		if (!p->placed[m])
			put_item(p, m);
		if (!is_same_text(old, &p->t->items[m]))
			vec_push(&p->in->changed, p->in->next_id + m);
	}
	return true;
}

bool place_items(struct program_input *in, struct program_text *t)
{
	struct arena *a = &in->arena;
	struct placing p = {
		.in = in, .t = t, .next = session_new(),
		.first = ARENA_ARRAY(a, t->nitems + 1, uint32_t),
		.gone = ARENA_ARRAY(a, t->nitems + 1, bool),
		.placed = ARENA_ARRAY(a, t->nitems + 1, bool),
	};
	bool good = true;

	index_items(&p);
	for (size_t i = 0; i < in->next->e.n && good; i++)
		good = place_over(&p, &in->next->e.at[i]);
	for (uint32_t i = 0; i < t->nitems && good; i++) {
		uint32_t it = last_for(&p, i);

		if (it != ENTRY_NONE && !p.placed[it])
			put_item(&p, it);
	}
	if (good) {
		struct program_entries e = in->next->e;

		in->next->e = p.next->e;
		p.next->e = e;
		vec_push(&in->replaced, p.next);
	} else {
		session_free(p.next);
	}
	in->next_id += (uint32_t)t->nitems;
	map_release(&p.makers);
	return good;
}

struct order_edge { uint32_t from, to; };	/* entry from reads entry to */

/* While statements are ordered. */
struct ordering {
	struct program_input *in;
	size_t n;
	struct map makers;		/* name -> entry, plus one */
	struct order_edge *edges;
	size_t nedges, cap;
	uint32_t *missing;
	uint32_t *order;
	size_t norder;
	bool *emitted;
};

static void add_edge(struct ordering *o, uint32_t from, struct str maker)
{
	const struct session *s = o->in->next;
	uintptr_t to = (uintptr_t)map_get(&o->makers, maker);
	const struct program_entry *e = &s->e.at[from];
	bool is_free = is_new(o->in, e) || e->state == PROGRAM_BROKEN;

	/* What stood before it cannot have been read: that was a declaration. */
	if (!to || to - 1 == from || (to - 1 > from && !is_free))
		return;
	o->edges = vec_grow(o->edges, o->nedges + 1, &o->cap, sizeof *o->edges);
	o->edges[o->nedges].from = from;
	o->edges[o->nedges++].to = (uint32_t)to - 1;
	o->missing[from]++;
}

static void find_edges(struct ordering *o)
{
	const struct session *s = o->in->next;
	struct arena *a = &o->in->arena;

	for (size_t i = 0; i < o->n; i++)
		for (uint32_t k = 0; k < s->e.at[i].item->nkeys; k++)
			if (s->e.at[i].kind != PROGRAM_DECLARATION)
				map_set(&o->makers, s->e.at[i].item->keys[k],
					(void *)(uintptr_t)(i + 1));
	for (uint32_t i = 0; i < o->n; i++) {
		const struct program_item *item = s->e.at[i].item;

		for (uint32_t k = 0; k < item->nreads; k++) {
			add_edge(o, i, item->reads[k]);
			add_edge(o, i, arena_printf(a, "for %.*s",
						    STR_ARG(item->reads[k])));
		}
	}
}

static int by_target(const void *pa, const void *pb)
{
	const struct order_edge *a = pa, *b = pb;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

/* The first edge to an entry, of those that are sorted. */
static size_t first_to(const struct ordering *o, uint32_t to)
{
	size_t lo = 0, hi = o->nedges;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->edges[mid].to < to)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_edge_to(const struct ordering *o, size_t k, uint32_t to)
{
	return k < o->nedges && o->edges[k].to == to;
}

/* Entry i, and what waited for it and stood before it. */
static void emit(struct ordering *o, uint32_t i)
{
	size_t done = o->norder;

	o->order[o->norder++] = i;
	o->emitted[i] = true;
	for (; done < o->norder; done++) {
		uint32_t to = o->order[done];

		for (size_t k = first_to(o, to); is_edge_to(o, k, to); k++) {
			uint32_t from = o->edges[k].from;

			if (--o->missing[from] || from > i)
				continue;
			o->order[o->norder++] = from;
			o->emitted[from] = true;
		}
	}
}

/* An entry that the one reads and that is not in order either. */
static uint32_t stuck_behind(const struct ordering *o, uint32_t from)
{
	for (size_t k = 0; k < o->nedges; k++)
		if (o->edges[k].from == from && !o->emitted[o->edges[k].to])
			return o->edges[k].to;
	return ENTRY_NONE;
}

static struct str entry_name(const struct program_entry *e)
{
	return e->nnames ? e->names[0] : e->title;
}

static void say_circle(struct ordering *o, const struct program_text *t)
{
	const struct program_entries *e = &o->in->next->e;
	const struct src *src = &o->in->c.src;
	struct span at = SPAN_NONE;
	uint32_t i = 0, from;
	struct diag *d;

	while (i < o->n && (o->emitted[i] || e->at[i].item->of != t))
		i++;
	if (i == o->n)
		for (i = 0; i < o->n && o->emitted[i]; i++)
			;
	for (size_t k = 0; k < o->n; k++)	/* into the circle itself */
		i = stuck_behind(o, i) == ENTRY_NONE ? i : stuck_behind(o, i);
	for (size_t k = 0; k < o->n && e->at[i].item->of != t; k++)
		i = stuck_behind(o, i);
	from = i;
	if (e->at[i].item->of == t && src->files.n)
		at = (struct span){src->files.at[0]->base + e->at[i].item->lo,
				   src->files.at[0]->base + e->at[i].item->hi};
	d = diag(&o->in->c.diags, at, E0314, "'%.*s' would be made from itself",
		 STR_ARG(entry_name(&e->at[i])));
	for (size_t k = 0; k < o->n; k++) {
		uint32_t to = stuck_behind(o, i);

		diag_note(d, SPAN_NONE, "'%.*s' reads '%.*s' (%.*s)",
			  STR_ARG(entry_name(&e->at[i])), STR_ARG(entry_name(&e->at[to])),
			  STR_ARG(e->at[to].place));
		i = to;
		if (i == from)
			break;
	}
}

static bool wants_order(const struct program_input *in)
{
	const struct session *s = in->next;

	if (in->redefined.n)
		return true;
	for (size_t i = 0; i < s->e.n; i++)
		if (s->e.at[i].state == PROGRAM_BROKEN)
			return true;
	return false;
}

static void take_order(struct ordering *o)
{
	struct program_entries *e = &o->in->next->e;
	struct program_entry *sorted = ARENA_ARRAY(&o->in->arena, o->n,
						   struct program_entry);

	for (size_t i = 0; i < o->n; i++)
		sorted[i] = e->at[o->order[i]];
	memcpy(e->at, sorted, o->n * sizeof *sorted);
}

bool place_order(struct program_input *in)
{
	struct ordering o = {.in = in, .n = in->next->e.n};
	const struct program_text *t = in->text;
	bool good;

	if (!o.n || !wants_order(in))
		return true;
	o.missing = ARENA_ARRAY(&in->arena, o.n, uint32_t);
	o.order = ARENA_ARRAY(&in->arena, o.n, uint32_t);
	o.emitted = ARENA_ARRAY(&in->arena, o.n, bool);
	find_edges(&o);
	if (o.nedges)
		qsort(o.edges, o.nedges, sizeof *o.edges, by_target);
	for (uint32_t i = 0; i < o.n; i++)
		if (!o.missing[i] && !o.emitted[i])
			emit(&o, i);
	good = o.norder == o.n;
	if (good)
		take_order(&o);
	else
		say_circle(&o, t);
	free(o.edges);
	map_release(&o.makers);
	return good;
}
