#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "compiler/sema/check.h"
#include "runtime/bc/cron.h"

static const char ZONES[] = "/usr/share/zoneinfo";
enum { ZONE_DEPTH = 3, ZONE_BYTES = 100 };

static const char *const NAMES[] = {"cron", "timezone", "config", "concurrency", NULL};

/* The part [lo, hi) of what a string holds, if it stands there as it is. */
static struct span part_of(const struct scope *c, const struct node *value, size_t lo,
			   size_t hi)
{
	struct str text = src_text(c->s->parse.src, value->span);
	struct str s = value->string.value;

	if (text.n != s.n + 2 || memcmp(text.p + 1, s.p, s.n))
		return value->span;
	hi = hi > s.n ? s.n : hi;
	lo = lo > hi ? hi : lo;
	if (lo == hi)
		return value->span;
	return (struct span){value->span.lo + 1 + (uint32_t)lo,
			     value->span.lo + 1 + (uint32_t)hi};
}

/* Only written out: there is little use in computing one. */
static bool check_string(struct scope *c, const struct sym *name, struct node *value)
{
	if (value->kind == AST_STRING) {
		value->type = c->s->types->string;
		return true;
	}
	if (value->kind != AST_ERROR)
		diag(c->s->parse.diags, value->span, E0704, "'%s' is a string", name->s);
	return false;
}

static void check_cron(struct scope *c, const struct sym *name, struct node *value)
{
	struct cron_fault fault;
	struct cron cron;

	if (!check_string(c, name, value))
		return;
	if (cron_parse(value->string.value, &cron, &fault))
		diag(c->s->parse.diags, part_of(c, value, fault.lo, fault.hi), E0704,
		     "%s", fault.text);
	else if (cron_never(&cron))
		diag(c->s->parse.diags, value->span, W0701,
		     "this is never due: no such month has such a day");
}

static bool is_zone_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char k = s.p[i];

		if (!((k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') ||
		      (k >= '0' && k <= '9') || (k && strchr("_+-/", k))))
			return false;
	}
	return s.n && s.n < ZONE_BYTES && s.p[0] != '/' && s.p[s.n - 1] != '/';
}

/* The database has files that are no zones; zones begin with these letters. */
static bool is_zone_file(const char *path)
{
	char magic[4] = "";
	FILE *f = fopen(path, "rb");
	bool fits = f && fread(magic, 1, sizeof magic, f) == sizeof magic &&
		    !memcmp(magic, "TZif", sizeof magic);

	if (f)
		fclose(f);
	return fits;
}

struct zones {			/* the search for a zone that may be meant */
	struct suggestion best;
	struct str same;	/* differs in case only; "" if none does */
	struct arena *a;
};

static void search_zones(struct zones *z, struct str below, unsigned depth)
{
	struct str dir = arena_printf(z->a, "%s/%.*s", ZONES, STR_ARG(below));
	struct dirent *e;
	DIR *d = opendir(dir.p);

	while (d && (e = readdir(d))) {
		struct str name = arena_printf(z->a, "%.*s%s%s", STR_ARG(below),
					       below.n ? "/" : "", e->d_name);
		struct stat st;

		if (e->d_name[0] < 'A' || e->d_name[0] > 'Z' ||
		    stat(arena_printf(z->a, "%s/%.*s", ZONES, STR_ARG(name)).p, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < ZONE_DEPTH) {
			search_zones(z, name, depth + 1);
		} else if (S_ISREG(st.st_mode)) {
			suggest(&z->best, name);
			if (name.n == z->best.wanted.n &&
			    !strncasecmp(name.p, z->best.wanted.p, name.n))
				z->same = name;
		}
	}
	if (d)
		closedir(d);
}

static void say_no_zone(struct scope *c, const struct node *value)
{
	struct str name = value->string.value;
	struct span at = part_of(c, value, 0, name.n);
	struct zones z = {.best = {.wanted = name}, .a = c->s->parse.arena};
	struct diag *d = diag(c->s->parse.diags, at, E0704,
			      "there is no time zone '%.*s'", STR_ARG(name));

	search_zones(&z, STR(""), 0);
	if (z.same.n)
		diag_fix(d, at, z.same, "did you mean '%.*s'?", STR_ARG(z.same));
	else if (z.best.best.n)
		diag_suggest(d, at, &z.best);
	else
		diag_label(d, "the name of a place, such as Europe/Berlin, or UTC");
}

static void check_timezone(struct scope *c, const struct sym *name, struct node *value)
{
	struct str s = value->kind == AST_STRING ? value->string.value : STR("");
	struct stat st;

	if (!check_string(c, name, value))
		return;
	if (!is_zone_name(s)) {
		diag(c->s->parse.diags, value->span, E0704,
		     "'timezone' is a name such as \"Europe/Berlin\" or \"UTC\"");
		return;
	}
	/* Without a database any name may be right. */
	if (str_is(s, "UTC") || stat(ZONES, &st))
		return;
	if (!is_zone_file(
		    arena_printf(c->s->parse.arena, "%s/%.*s", ZONES, STR_ARG(s)).p))
		say_no_zone(c, value);
}

static void check_its_config(struct scope *c, struct symbol *sym, struct node *value)
{
	if (value->kind == AST_NAME && sym->target)
		sym->base =
			check_config_name(c, value, symbol_target(sym->target), E0704);
	else if (value->kind != AST_NAME && value->kind != AST_ERROR)
		diag(c->s->parse.diags, value->span, E0704,
		     "'config' is the name of a config");
}

static void check_concurrency(struct scope *c, struct node *value)
{
	struct suggestion best = {0};
	struct diag *d;

	if (value->kind == AST_ERROR)
		return;
	best.wanted = value->kind == AST_NAME	  ? sym_str(value->name.name)
		      : value->kind == AST_STRING ? value->string.value : STR("");
	for (int k = 0; k < CONCURRENCY_N; k++) {
		if (value->kind == AST_NAME &&
		    str_is(best.wanted, concurrency_name((enum concurrency)k)))
			return;
		suggest(&best, str_of(concurrency_name((enum concurrency)k)));
	}
	d = diag(c->s->parse.diags, value->span, E0704,
		 "'concurrency' is allow, forbid or replace");
	if (best.best.n)
		diag_suggest(d, value->span, &best);
}

static void check_item(struct scope *c, struct symbol *sym, struct node *item,
		       struct span *seen)
{
	struct span at;
	const struct sym *name = item_name(item, &at);
	int k = 0;

	if (item->kind == AST_PASS || item->kind == AST_ERROR)
		return;
	if (item->kind != AST_BIND || !name) {
		diag(c->s->parse.diags, item->span, E0412,
		     "a schedule holds lines of the form 'name = value'");
		return;
	}
	while (NAMES[k] && strcmp(NAMES[k], name->s))
		k++;
	if (!NAMES[k]) {
		say_no_setting(c, name, at, "a schedule", NAMES);
		return;
	}
	if (seen[k].lo) {
		struct diag *d = diag(c->s->parse.diags, at, E0407, "'%s' is given twice",
				      name->s);

		diag_note(d, seen[k], "it is given here already");
		return;
	}
	seen[k] = at;
	switch (k) {
	case 0: check_cron(c, name, item->bind.value); break;
	case 1: check_timezone(c, name, item->bind.value); break;
	case 2: check_its_config(c, sym, item->bind.value); break;
	default: check_concurrency(c, item->bind.value);
	}
}

void check_schedule(struct sema *s, struct symbol *sym)
{
	struct span seen[sizeof NAMES / sizeof *NAMES] = {0};
	bool is_broken = false;
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	list_each(item, &sym->decl->schedule.items) {
		is_broken = is_broken || item->kind == AST_ERROR;
		check_item(&c, sym, item, seen);
	}
	if (!seen[0].lo && !is_broken) {
		struct diag *d =
			diag(s->parse.diags, sym->span, E0704,
			     "the schedule '%s' does not say when", sym->name->s);

		diag_label(d, "it needs cron = \"minute hour day month weekday\"");
	}
	scope_release(&c);
}
