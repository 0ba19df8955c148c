#include <config.h>

#include "runtime/bc/save.h"

#include "runtime/bc/format.h"
#include "runtime/bc/wire.h"

static void put_flag(struct buf *b, bool flag)
{
	wire_put_byte(b, flag);
}

static void put_type(struct buf *b, const struct type *t)
{
	wire_put_uint(b, t->id);
}

/* An index, or MODULE_NONE as 0. */
static void put_index(struct buf *b, uint32_t i)
{
	wire_put_uint(b, i == MODULE_NONE ? 0 : (uint64_t)i + 1);
}

static void put_loc(struct buf *b, struct loc loc)
{
	wire_put_uint(b, loc.line);
	if (!loc.line)
		return;
	wire_put_uint(b, loc.file);
	wire_put_uint(b, loc.col);
}

static void put_expr(struct buf *b, const struct expr *e)
{
	wire_put_byte(b, (uint8_t)e->kind);
	put_type(b, e->type);
	put_loc(b, e->loc);
	switch (e->kind) {
	case EXPR_CONST:
		wire_put_value(b, e->value);
		return;
	case EXPR_INPUT:
		wire_put_uint(b, e->input);
		return;
	case EXPR_LOCAL:
		wire_put_uint(b, e->slot);
		wire_put_str(b, e->name);
		return;
	case EXPR_LET:
		wire_put_uint(b, e->slot);
		wire_put_str(b, e->name);
		break;
	case EXPR_FIELD:
	case EXPR_FORMAT:
	case EXPR_ASSERT:
		wire_put_str(b, e->name);
		break;
	case EXPR_COMP:
		wire_put_uint(b, e->slot);
		break;
	case EXPR_CALL:
		wire_put_uint(b, e->def);
		break;
	case EXPR_UNARY:
	case EXPR_BINARY:
	case EXPR_BUILTIN:
		wire_put_byte(b, e->op);
		break;
	default:
		break;
	}
	wire_put_uint(b, e->nargs);
	if (e->kind == EXPR_CHAIN)
		for (uint32_t i = 0; i + 1 < e->nargs; i++)
			wire_put_byte(b, e->ops[i]);
	if (e->kind == EXPR_COMP)
		for (uint32_t i = 0; i + 2 < e->nargs; i++)
			wire_put_str(b, e->names[i]);
	for (uint32_t i = 0; i < e->nargs; i++)
		put_expr(b, e->args[i]);
}

static void put_code(struct buf *b, const struct code *c)
{
	uint32_t pc = 0;

	wire_put_str(b, (struct str){(const char *)c->ops, c->n});
	wire_put_uint(b, c->max_stack);
	wire_put_uint(b, c->nlocals);
	wire_put_uint(b, c->frame);
	wire_put_uint(b, c->levels);
	wire_put_uint(b, c->nlocs);
	for (uint32_t i = 0; i < c->nlocs; i++) {
		wire_put_uint(b, c->locs[i].pc - pc);
		put_loc(b, c->locs[i].loc);
		pc = c->locs[i].pc;
	}
}

/* A site that may be missing. */
static void put_site(struct buf *b, const struct site *s)
{
	put_flag(b, s != NULL);
	if (!s)
		return;
	put_type(b, s->type);
	put_loc(b, s->loc);
	wire_put_uint(b, s->ninputs);
	for (uint32_t i = 0; i < s->ninputs; i++) {
		wire_put_byte(b, (uint8_t)s->inputs[i].kind);
		wire_put_uint(b, s->inputs[i].index);
		wire_put_uint(b, s->inputs[i].output);
	}
	put_expr(b, s->tree);
	put_code(b, &s->code);
	wire_put_str(b, s->text);
}

static void put_params(struct buf *b, const struct module_param *p, uint32_t n)
{
	wire_put_uint(b, n);
	for (uint32_t i = 0; i < n; i++) {
		wire_put_str(b, p[i].name);
		wire_put_str(b, p[i].doc);
		put_type(b, p[i].type);
		put_site(b, p[i].fallback);
		put_site(b, p[i].where);
		put_loc(b, p[i].loc);
	}
}

static void put_outputs(struct buf *b, const struct module_output *o, uint32_t n)
{
	wire_put_uint(b, n);
	for (uint32_t i = 0; i < n; i++) {
		wire_put_str(b, o[i].name);
		wire_put_str(b, o[i].doc);
		put_type(b, o[i].type);
		put_site(b, o[i].where);
		put_site(b, o[i].value);
		put_loc(b, o[i].loc);
	}
}

static void put_settings(struct buf *b, const struct module_setting *s, uint32_t n)
{
	wire_put_uint(b, n);
	for (uint32_t i = 0; i < n; i++) {
		wire_put_byte(b, (uint8_t)s[i].id);
		put_site(b, s[i].value);
	}
}

static void put_strs(struct buf *b, const struct str *s, uint32_t n)
{
	wire_put_uint(b, n);
	for (uint32_t i = 0; i < n; i++)
		wire_put_str(b, s[i]);
}

static void put_HEAD(struct buf *b, const struct module *m)
{
	wire_put_str(b, m->name);
	wire_put_str(b, m->doc);
}

static void put_new_type(struct buf *b, const struct type *t)
{
	wire_put_byte(b, (uint8_t)t->kind);
	switch (t->kind) {
	case TYPE_ENUM:
		wire_put_str(b, t->name);
		wire_put_uint(b, t->nmembers);
		for (uint32_t i = 0; i < t->nmembers; i++) {
			wire_put_str(b, t->members[i].name);
			wire_put_str(b, t->members[i].wire);
		}
		break;
	case TYPE_STRUCT:
		wire_put_str(b, t->name);
		break;
	case TYPE_ARTIFACT:
		put_type(b, t->base);
		wire_put_str(b, t->tag);
		if (!t->tag.n)
			wire_put_str(b, t->name);
		break;
	default:
		put_type(b, t->elem);
	}
}

/* Fields come after all types, since a field may be of a type declared later. */
static void put_TYPE(struct buf *b, const struct module *m)
{
	const struct types *t = &m->types;

	wire_put_uint(b, t->all.n - t->nbuiltin);
	for (size_t i = t->nbuiltin; i < t->all.n; i++)
		put_new_type(b, t->all.at[i]);
	for (size_t i = t->nbuiltin; i < t->all.n; i++) {
		const struct type *s = t->all.at[i];

		if (s->kind != TYPE_STRUCT)
			continue;
		wire_put_uint(b, s->nmembers);
		for (uint32_t k = 0; k < s->nmembers; k++) {
			wire_put_str(b, s->fields[k].name);
			put_type(b, s->fields[k].type);
		}
	}
}

static void put_FILE(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->nfiles);
	for (uint32_t i = 0; i < m->nfiles; i++) {
		wire_put_str(b, m->files[i].path);
		wire_put_str(b, digest_str(&m->files[i].digest));
		put_flag(b, m->files[i].travels);
		wire_put_str(b, m->files[i].text);
	}
}

static void put_CNST(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->nconsts);
	for (uint32_t i = 0; i < m->nconsts; i++)
		wire_put_value(b, m->consts[i]);
}

static void put_DEFS(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->ndefs);
	for (uint32_t i = 0; i < m->ndefs; i++) {
		const struct module_def *d = &m->defs[i];

		wire_put_str(b, d->name);
		wire_put_str(b, d->doc);
		put_params(b, d->params, d->nparams);
		put_type(b, d->result);
		put_site(b, d->body);
		put_flag(b, d->is_struct);
		put_loc(b, d->loc);
	}
}

static void put_ENVS(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->nenvs);
	for (uint32_t i = 0; i < m->nenvs; i++) {
		const struct module_env *e = &m->envs[i];

		wire_put_str(b, e->name);
		wire_put_str(b, e->image);
		wire_put_str(b, e->python);
		put_strs(b, e->packages, e->npackages);
		put_strs(b, e->index_urls, e->nindex_urls);
		wire_put_uint(b, e->nvars);
		for (uint32_t k = 0; k < e->nvars; k++) {
			wire_put_str(b, e->vars[k].name);
			wire_put_str(b, e->vars[k].value);
			wire_put_str(b, e->vars[k].secret);
			wire_put_str(b, e->vars[k].key);
		}
		put_index(b, e->requirements);
		put_loc(b, e->loc);
	}
}

static void put_COMP(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->ncomponents);
	for (uint32_t i = 0; i < m->ncomponents; i++) {
		const struct module_component *c = &m->components[i];

		wire_put_str(b, c->name);
		wire_put_str(b, c->doc);
		put_params(b, c->params, c->nparams);
		put_outputs(b, c->outputs, c->noutputs);
		put_settings(b, c->settings, c->nsettings);
		put_index(b, c->env);
		wire_put_byte(b, (uint8_t)c->code_kind);
		put_loc(b, c->code_loc);
		if (c->code_kind == CODE_PYTHON_FILE) {
			put_index(b, c->code_file);
			wire_put_str(b, c->entry);
		} else if (c->code_kind == CODE_NOTEBOOK) {
			put_index(b, c->code_file);
		} else if (c->code_kind == CODE_CONTAINER) {
			put_site(b, c->command);
			put_site(b, c->args);
		} else {
			wire_put_str(b, c->code);
		}
		if (c->code_kind == CODE_NATIVE)
			wire_put_str(b, c->entry);
		wire_put_str(b, c->kubernetes);
		wire_put_str(b, c->source);
		put_loc(b, c->loc);
	}
}

static void put_args(struct buf *b, const struct module_node *n)
{
	wire_put_uint(b, n->nargs);
	for (uint32_t i = 0; i < n->nargs; i++)
		put_site(b, n->args[i]);
}

static void put_outs(struct buf *b, const struct module_node *n)
{
	wire_put_uint(b, n->nouts);
	for (uint32_t i = 0; i < n->nouts; i++) {
		wire_put_str(b, n->outs[i].name);
		put_type(b, n->outs[i].type);
		put_site(b, n->outs[i].then_value);
		put_site(b, n->outs[i].else_value);
	}
}

/* Only what the node's kind uses, so that what is left over elsewhere makes no
 * difference. */
static void put_node(struct buf *b, const struct module_node *n)
{
	wire_put_byte(b, (uint8_t)n->kind);
	wire_put_str(b, n->name);
	wire_put_str(b, n->path);
	wire_put_uint(b, n->block);
	put_loc(b, n->loc);
	wire_put_uint(b, n->nafter);
	for (uint32_t i = 0; i < n->nafter; i++)
		wire_put_uint(b, n->after[i]);
	put_settings(b, n->settings, n->nsettings);
	switch (n->kind) {
	case NODE_TASK:
	case NODE_CALL:
		put_index(b, n->target);
		put_args(b, n);
		break;
	case NODE_EXPR:
		put_type(b, n->type);
		put_site(b, n->cond);
		break;
	case NODE_BRANCH:
		put_site(b, n->cond);
		put_index(b, n->then_block);
		put_index(b, n->else_block);
		break;
	case NODE_MERGE:
		put_index(b, n->target);
		put_outs(b, n);
		break;
	case NODE_LOOP:
		put_args(b, n);
		put_index(b, n->then_block);
		put_outs(b, n);
		break;
	case NODE_TRY:
		put_index(b, n->then_block);
		put_index(b, n->else_block);
		put_index(b, n->final_block);
		break;
	case NODE_ASSERT:
		put_site(b, n->cond);
		put_args(b, n);
		break;
	case NODE_NKINDS:
		break;
	}
}

static void put_PIPE(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->npipelines);
	for (uint32_t i = 0; i < m->npipelines; i++) {
		const struct module_pipeline *p = &m->pipelines[i];

		wire_put_str(b, p->name);
		wire_put_str(b, p->doc);
		put_params(b, p->params, p->nparams);
		put_outputs(b, p->outputs, p->noutputs);
		put_settings(b, p->settings, p->nsettings);
		wire_put_uint(b, p->nblocks);
		for (uint32_t k = 0; k < p->nblocks; k++) {
			wire_put_byte(b, (uint8_t)p->blocks[k].kind);
			put_index(b, p->blocks[k].owner);
		}
		wire_put_uint(b, p->nnodes);
		for (uint32_t k = 0; k < p->nnodes; k++)
			put_node(b, &p->nodes[k]);
		put_flag(b, p->in_root);
		put_loc(b, p->loc);
	}
}

static void put_CONF(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->nconfigs);
	for (uint32_t i = 0; i < m->nconfigs; i++) {
		const struct module_config *c = &m->configs[i];

		wire_put_str(b, c->name);
		wire_put_str(b, c->doc);
		put_index(b, c->pipeline);
		put_index(b, c->base);
		wire_put_uint(b, c->nentries);
		for (uint32_t k = 0; k < c->nentries; k++) {
			wire_put_str(b, c->entries[k].address);
			put_type(b, c->entries[k].type);
			wire_put_value(b, c->entries[k].value);
			put_loc(b, c->entries[k].loc);
		}
		put_loc(b, c->loc);
	}
}

static void put_SCHD(struct buf *b, const struct module *m)
{
	wire_put_uint(b, m->nschedules);
	for (uint32_t i = 0; i < m->nschedules; i++) {
		const struct module_schedule *s = &m->schedules[i];

		wire_put_str(b, s->name);
		wire_put_str(b, s->doc);
		put_index(b, s->pipeline);
		put_index(b, s->config);
		wire_put_str(b, s->cron);
		wire_put_str(b, s->timezone);
		wire_put_byte(b, (uint8_t)s->concurrency);
		put_loc(b, s->loc);
	}
}

static const struct {
	const char *tag;
	void (*put)(struct buf *, const struct module *);
} sections[] = {
#define SECTION(tag, doc) {#tag, put_##tag},
	SECTIONS(SECTION)
#undef SECTION
};

static void put_digest(char *to, const struct digest *d)
{
	for (int i = 0; i < SHA256_BYTES; i++) {
		unsigned byte = 0;

		for (int k = 0; k < 2; k++) {
			char c = d->hex[2 * i + k];

			byte = byte << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		to[i] = (char)byte;
	}
}

void module_save(struct module *m, struct buf *out)
{
	struct buf section = {0};
	size_t start = out->n;
	struct digest d;

	buf_add(out, STR(FORMAT_MAGIC));
	wire_put_byte(out, FORMAT_VERSION);
	buf_fill(out, 0, SHA256_BYTES);
	for (size_t i = 0; i < SECTION_N; i++) {
		buf_clear(&section);
		sections[i].put(&section, m);
		buf_addz(out, sections[i].tag);
		wire_put_str(out, buf_str(&section));
	}
	buf_release(&section);
	d = sha256_of(str_sub(buf_str(out), start + FORMAT_BODY_AT, out->n));
	put_digest(out->p + start + FORMAT_DIGEST_AT, &d);
	m->digest = sha256_of(str_sub(buf_str(out), start, out->n));
}
