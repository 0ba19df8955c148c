/* What is in the sections of a .kfpb file.  Nothing here trusts a number: counts are
 * bounded by the bytes that are left, kinds and types are looked up; indices are
 * module_verify's work. */
#include <config.h>

#include "runtime/bc/load_section.h"

#define GET_ARRAY(l, n, T) ARENA_ARRAY(&(l)->m->arena, n, T)

static bool get_flag(struct loader *l)
{
	uint8_t c = wire_byte(&l->w);

	if (c > 1)
		wire_fail(&l->w, "a flag is neither 0 nor 1");
	return c == 1;
}

/* A byte below n. */
static uint8_t get_below(struct loader *l, unsigned n, const char *fault)
{
	uint8_t c = wire_byte(&l->w);

	if (c < n)
		return c;
	wire_fail(&l->w, fault);
	return 0;
}

static const struct type *get_type(struct loader *l)
{
	const struct types *t = &l->m->types;
	uint32_t id = wire_u32(&l->w);

	if (id && id < t->all.n)
		return t->all.at[id];
	wire_fail(&l->w, "no such type");
	return t->none;
}

static uint32_t get_index(struct loader *l)
{
	uint32_t i = wire_u32(&l->w);

	return i ? i - 1 : MODULE_NONE;
}

static struct loc get_loc(struct loader *l)
{
	struct loc loc = {.line = wire_u32(&l->w)};

	if (!loc.line)
		return loc;
	loc.file = wire_u32(&l->w);
	loc.col = wire_u32(&l->w);
	return loc;
}

static struct expr *get_expr(struct loader *l, unsigned depth);

/* Names that stand there without their number. */
static const struct str *get_names(struct loader *l, uint32_t n)
{
	struct str *names = GET_ARRAY(l, n, struct str);

	for (uint32_t i = 0; i < n; i++)
		names[i] = wire_str(&l->w);
	return names;
}

static void get_args(struct loader *l, struct expr *e, unsigned depth)
{
	enum { LEAST = 4 };	/* kind, type, place, contents */
	uint8_t *ops;

	e->nargs = wire_count(&l->w, LEAST);
	if (e->kind == EXPR_CHAIN && e->nargs) {
		ops = GET_ARRAY(l, e->nargs, uint8_t);
		for (uint32_t i = 0; i + 1 < e->nargs; i++)
			ops[i] = get_below(l, OP_NOPS, "no such operator");
		e->ops = ops;
	}
	if (e->kind == EXPR_COMP && e->nargs > 2)
		e->names = get_names(l, e->nargs - 2);
	e->args = GET_ARRAY(l, e->nargs, struct expr *);
	for (uint32_t i = 0; i < e->nargs && !l->w.fault; i++)
		e->args[i] = get_expr(l, depth + 1);
}

static struct expr *get_expr(struct loader *l, unsigned depth)
{
	struct expr *e = ARENA_NEW(&l->m->arena, struct expr);

	if (depth > EXPR_DEPTH_MAX) {
		wire_fail(&l->w, "an expression is nested too deeply");
		return e;
	}
	e->kind = (enum expr_kind)get_below(l, EXPR_NKINDS,
					    "an expression of unknown kind");
	e->type = get_type(l);
	e->loc = get_loc(l);
	switch (e->kind) {
	case EXPR_CONST:
		e->value = wire_value(&l->w);
		return e;
	case EXPR_INPUT:
		e->input = wire_u32(&l->w);
		return e;
	case EXPR_LOCAL:
		e->slot = wire_u32(&l->w);
		e->name = wire_str(&l->w);
		return e;
	case EXPR_LET:
		e->slot = wire_u32(&l->w);
		e->name = wire_str(&l->w);
		break;
	case EXPR_FIELD:
	case EXPR_FORMAT:
	case EXPR_ASSERT:
		e->name = wire_str(&l->w);
		break;
	case EXPR_COMP:
		e->slot = wire_u32(&l->w);
		break;
	case EXPR_CALL:
		e->def = wire_u32(&l->w);
		break;
	case EXPR_UNARY:
	case EXPR_BINARY:
		e->op = get_below(l, OP_NOPS, "no such operator");
		break;
	case EXPR_BUILTIN:
		e->op = get_below(l, BUILTIN_N, "no such built-in");
		break;
	default:
		break;
	}
	get_args(l, e, depth);
	return e;
}

static struct code get_code(struct loader *l)
{
	struct str ops = wire_bytes(&l->w);
	struct code c = {.ops = (const uint8_t *)ops.p, .n = (uint32_t)ops.n};
	struct code_loc *locs;
	uint32_t pc = 0, step;

	c.max_stack = wire_u32(&l->w);
	c.nlocals = wire_u32(&l->w);
	c.frame = wire_u32(&l->w);
	c.levels = wire_u32(&l->w);
	c.nlocs = wire_count(&l->w, 2);
	locs = GET_ARRAY(l, c.nlocs, struct code_loc);
	for (uint32_t i = 0; i < c.nlocs && !l->w.fault; i++) {
		step = wire_u32(&l->w);
		if (__builtin_add_overflow(pc, step, &pc))
			wire_fail(&l->w, "a number is too large");
		locs[i] = (struct code_loc){pc, get_loc(l)};
	}
	c.locs = locs;
	return c;
}

static const struct site *get_site(struct loader *l)
{
	enum { LEAST = 3 };
	struct input *inputs;
	struct site *s;

	if (!get_flag(l))
		return NULL;
	s = ARENA_NEW(&l->m->arena, struct site);
	s->type = get_type(l);
	s->loc = get_loc(l);
	s->ninputs = wire_count(&l->w, LEAST);
	inputs = GET_ARRAY(l, s->ninputs, struct input);
	for (uint32_t i = 0; i < s->ninputs && !l->w.fault; i++) {
		inputs[i].kind = (enum input_kind)get_below(l, INPUT_OUTPUT_FILE + 1,
							    "an input of unknown kind");
		inputs[i].index = wire_u32(&l->w);
		inputs[i].output = wire_u32(&l->w);
	}
	s->inputs = inputs;
	s->tree = get_expr(l, 1);
	s->code = get_code(l);
	s->text = wire_str(&l->w);
	return s;
}

static const struct module_param *get_params(struct loader *l, uint32_t *n)
{
	enum { LEAST = 6 };
	struct module_param *p;

	*n = wire_count(&l->w, LEAST);
	p = GET_ARRAY(l, *n, struct module_param);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++) {
		p[i].name = wire_str(&l->w);
		p[i].doc = wire_str(&l->w);
		p[i].type = get_type(l);
		p[i].fallback = get_site(l);
		p[i].where = get_site(l);
		p[i].loc = get_loc(l);
	}
	return p;
}

static const struct module_output *get_outputs(struct loader *l, uint32_t *n)
{
	enum { LEAST = 6 };
	struct module_output *o;

	*n = wire_count(&l->w, LEAST);
	o = GET_ARRAY(l, *n, struct module_output);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++) {
		o[i].name = wire_str(&l->w);
		o[i].doc = wire_str(&l->w);
		o[i].type = get_type(l);
		o[i].where = get_site(l);
		o[i].value = get_site(l);
		o[i].loc = get_loc(l);
	}
	return o;
}

static const struct module_setting *get_settings(struct loader *l, uint32_t *n)
{
	struct module_setting *s;

	*n = wire_count(&l->w, 2);
	s = GET_ARRAY(l, *n, struct module_setting);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++) {
		s[i].id = (enum setting)get_below(l, SETTING_N, "no such setting");
		s[i].value = get_site(l);
	}
	return s;
}

static const struct str *get_strs(struct loader *l, uint32_t *n)
{
	struct str *s;

	*n = wire_count(&l->w, 1);
	s = GET_ARRAY(l, *n, struct str);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++)
		s[i] = wire_str(&l->w);
	return s;
}

static void get_HEAD(struct loader *l)
{
	l->m->name = wire_str(&l->w);
	l->m->doc = wire_str(&l->w);
}

static const struct type *get_enum(struct loader *l)
{
	struct str name = wire_str(&l->w);
	uint32_t n = wire_count(&l->w, 2);
	struct type_member *m = GET_ARRAY(l, n, struct type_member);

	for (uint32_t i = 0; i < n && !l->w.fault; i++) {
		m[i].name = wire_str(&l->w);
		m[i].wire = wire_str(&l->w);
	}
	return type_enum(&l->m->types, name, m, n);
}

static const struct type *get_artifact(struct loader *l)
{
	const struct type *base = get_type(l);
	struct str tag = wire_str(&l->w);

	if (base->kind != TYPE_ARTIFACT) {
		wire_fail(&l->w, "an artifact extends what is none");
		return base;
	}
	if (tag.n)
		return type_tagged(&l->m->types, base, tag);
	return type_artifact(&l->m->types, wire_str(&l->w), base);
}

static const struct type *get_new_type(struct loader *l)
{
	struct types *t = &l->m->types;

	switch (wire_byte(&l->w)) {
	case TYPE_LIST:
		return type_list(t, get_type(l));
	case TYPE_DICT:
		return type_dict(t, get_type(l));
	case TYPE_OPT:
		return type_opt(t, get_type(l));
	case TYPE_ENUM:
		return get_enum(l);
	case TYPE_ARTIFACT:
		return get_artifact(l);
	default:
		wire_fail(&l->w, "a type of unknown kind");
		return t->none;
	}
}

static void get_fields(struct loader *l, struct type *s)
{
	uint32_t n = wire_count(&l->w, 2);
	struct type_field *f = GET_ARRAY(l, n, struct type_field);

	for (uint32_t i = 0; i < n && !l->w.fault; i++) {
		f[i].name = wire_str(&l->w);
		f[i].type = get_type(l);
	}
	if (!l->w.fault)
		type_struct_fields(&l->m->types, s, f, n);
}

static void get_TYPE(struct loader *l)
{
	struct types *t = &l->m->types;
	uint32_t n = wire_count(&l->w, 2);
	struct type **structs = GET_ARRAY(l, n, struct type *);
	uint32_t nstructs = 0;

	for (uint32_t i = 0; i < n && !l->w.fault; i++) {
		size_t id = t->all.n;

		if (l->w.p < l->w.end && *l->w.p == TYPE_STRUCT) {
			wire_byte(&l->w);
			structs[nstructs++] = type_struct(t, wire_str(&l->w));
		} else if (get_new_type(l)->id != id) {
			wire_fail(&l->w, "a type stands there twice");
		}
	}
	for (uint32_t i = 0; i < nstructs && !l->w.fault; i++)
		get_fields(l, structs[i]);
	types_measure(t);
}

static void get_FILE(struct loader *l)
{
	enum { LEAST = 4 };
	struct module *m = l->m;
	struct str digest;

	m->nfiles = wire_count(&l->w, LEAST);
	m->files = GET_ARRAY(l, m->nfiles, struct module_file);
	for (uint32_t i = 0; i < m->nfiles && !l->w.fault; i++) {
		m->files[i].path = wire_str(&l->w);
		digest = wire_str(&l->w);
		if (digest.n && !digest_parse(digest, &m->files[i].digest))
			wire_fail(&l->w, "a digest is none");
		m->files[i].travels = get_flag(l);
		m->files[i].text = wire_bytes(&l->w);
	}
}

static void get_CNST(struct loader *l)
{
	struct module *m = l->m;

	m->nconsts = wire_count(&l->w, 1);
	m->consts = GET_ARRAY(l, m->nconsts, struct value);
	for (uint32_t i = 0; i < m->nconsts && !l->w.fault; i++)
		m->consts[i] = wire_value(&l->w);
}

static void get_DEFS(struct loader *l)
{
	enum { LEAST = 7 };
	struct module *m = l->m;

	m->ndefs = wire_count(&l->w, LEAST);
	m->defs = GET_ARRAY(l, m->ndefs, struct module_def);
	for (uint32_t i = 0; i < m->ndefs && !l->w.fault; i++) {
		struct module_def *d = &m->defs[i];

		d->name = wire_str(&l->w);
		d->doc = wire_str(&l->w);
		d->params = get_params(l, &d->nparams);
		d->result = get_type(l);
		d->body = get_site(l);
		d->is_struct = get_flag(l);
		d->loc = get_loc(l);
	}
}

static void get_env(struct loader *l, struct module_env *e)
{
	enum { VAR_LEAST = 4 };
	struct module_var *vars;

	e->name = wire_str(&l->w);
	e->image = wire_str(&l->w);
	e->python = wire_str(&l->w);
	e->packages = get_strs(l, &e->npackages);
	e->index_urls = get_strs(l, &e->nindex_urls);
	e->nvars = wire_count(&l->w, VAR_LEAST);
	vars = GET_ARRAY(l, e->nvars, struct module_var);
	for (uint32_t i = 0; i < e->nvars && !l->w.fault; i++) {
		vars[i].name = wire_str(&l->w);
		vars[i].value = wire_str(&l->w);
		vars[i].secret = wire_str(&l->w);
		vars[i].key = wire_str(&l->w);
	}
	e->vars = vars;
	e->requirements = get_index(l);
	e->loc = get_loc(l);
}

static void get_ENVS(struct loader *l)
{
	enum { LEAST = 8 };
	struct module *m = l->m;

	m->nenvs = wire_count(&l->w, LEAST);
	m->envs = GET_ARRAY(l, m->nenvs, struct module_env);
	for (uint32_t i = 0; i < m->nenvs && !l->w.fault; i++)
		get_env(l, &m->envs[i]);
}

static void get_component(struct loader *l, struct module_component *c)
{
	c->name = wire_str(&l->w);
	c->doc = wire_str(&l->w);
	c->params = get_params(l, &c->nparams);
	c->outputs = get_outputs(l, &c->noutputs);
	c->settings = get_settings(l, &c->nsettings);
	c->env = get_index(l);
	c->code_kind = (enum code_kind)get_below(l, CODE_NOTEBOOK + 1,
						 "code of unknown kind");
	c->code_loc = get_loc(l);
	c->code = c->entry = STR("");
	c->code_file = MODULE_NONE;
	if (c->code_kind == CODE_PYTHON_FILE) {
		c->code_file = get_index(l);
		c->entry = wire_str(&l->w);
	} else if (c->code_kind == CODE_NOTEBOOK) {
		c->code_file = get_index(l);
	} else if (c->code_kind == CODE_CONTAINER) {
		c->command = get_site(l);
		c->args = get_site(l);
	} else {
		c->code = wire_str(&l->w);
	}
	if (c->code_kind == CODE_NATIVE)
		c->entry = wire_str(&l->w);
	c->kubernetes = wire_str(&l->w);
	c->source = wire_str(&l->w);
	c->loc = get_loc(l);
}

static void get_COMP(struct loader *l)
{
	enum { LEAST = 11 };
	struct module *m = l->m;

	m->ncomponents = wire_count(&l->w, LEAST);
	m->components = GET_ARRAY(l, m->ncomponents, struct module_component);
	for (uint32_t i = 0; i < m->ncomponents && !l->w.fault; i++)
		get_component(l, &m->components[i]);
}

static void get_node_args(struct loader *l, struct module_node *n)
{
	const struct site **args;

	n->nargs = wire_count(&l->w, 1);
	args = GET_ARRAY(l, n->nargs, const struct site *);
	for (uint32_t i = 0; i < n->nargs && !l->w.fault; i++)
		args[i] = get_site(l);
	n->args = args;
}

static void get_outs(struct loader *l, struct module_node *n)
{
	enum { LEAST = 4 };
	struct module_merge *outs;

	n->nouts = wire_count(&l->w, LEAST);
	outs = GET_ARRAY(l, n->nouts, struct module_merge);
	for (uint32_t i = 0; i < n->nouts && !l->w.fault; i++) {
		outs[i].name = wire_str(&l->w);
		outs[i].type = get_type(l);
		outs[i].then_value = get_site(l);
		outs[i].else_value = get_site(l);
	}
	n->outs = outs;
}

static const uint32_t *get_after(struct loader *l, uint32_t *n)
{
	uint32_t *after;

	*n = wire_count(&l->w, 1);
	after = GET_ARRAY(l, *n, uint32_t);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++)
		after[i] = wire_u32(&l->w);
	return after;
}

/* What belongs to its kind. */
static void get_kind(struct loader *l, struct module_node *n)
{
	switch (n->kind) {
	case NODE_TASK:
	case NODE_CALL:
		n->target = get_index(l);
		get_node_args(l, n);
		break;
	case NODE_EXPR:
		n->type = get_type(l);
		n->cond = get_site(l);
		break;
	case NODE_BRANCH:
		n->cond = get_site(l);
		n->then_block = get_index(l);
		n->else_block = get_index(l);
		break;
	case NODE_MERGE:
		n->target = get_index(l);
		get_outs(l, n);
		break;
	case NODE_LOOP:
		get_node_args(l, n);
		n->then_block = get_index(l);
		get_outs(l, n);
		break;
	case NODE_TRY:
		n->then_block = get_index(l);
		n->else_block = get_index(l);
		n->final_block = get_index(l);
		break;
	case NODE_ASSERT:
		n->cond = get_site(l);
		get_node_args(l, n);
		break;
	case NODE_NKINDS:
		break;
	}
}

static void get_node(struct loader *l, struct module_node *n)
{
	n->kind = (enum node_kind)get_below(l, NODE_NKINDS, "a node of unknown kind");
	n->name = wire_str(&l->w);
	n->path = wire_str(&l->w);
	n->block = wire_u32(&l->w);
	n->loc = get_loc(l);
	n->after = get_after(l, &n->nafter);
	n->settings = get_settings(l, &n->nsettings);
	n->target = n->then_block = n->else_block = n->final_block = MODULE_NONE;
	get_kind(l, n);
}

static const struct module_block *get_blocks(struct loader *l, uint32_t *n)
{
	struct module_block *blocks;

	*n = wire_count(&l->w, 2);
	blocks = GET_ARRAY(l, *n, struct module_block);
	for (uint32_t i = 0; i < *n && !l->w.fault; i++) {
		blocks[i].kind = (enum block_kind)get_below(l, BLOCK_NKINDS,
							    "a block of unknown kind");
		blocks[i].owner = get_index(l);
	}
	return blocks;
}

static void get_pipeline(struct loader *l, struct module_pipeline *p)
{
	enum { NODE_LEAST = 8 };
	struct module_node *nodes;

	p->name = wire_str(&l->w);
	p->doc = wire_str(&l->w);
	p->params = get_params(l, &p->nparams);
	p->outputs = get_outputs(l, &p->noutputs);
	p->settings = get_settings(l, &p->nsettings);
	p->blocks = get_blocks(l, &p->nblocks);
	p->nnodes = wire_count(&l->w, NODE_LEAST);
	nodes = GET_ARRAY(l, p->nnodes, struct module_node);
	for (uint32_t i = 0; i < p->nnodes && !l->w.fault; i++)
		get_node(l, &nodes[i]);
	p->nodes = nodes;
	p->in_root = get_flag(l);
	p->loc = get_loc(l);
}

static void get_PIPE(struct loader *l)
{
	enum { LEAST = 9 };
	struct module *m = l->m;

	m->npipelines = wire_count(&l->w, LEAST);
	m->pipelines = GET_ARRAY(l, m->npipelines, struct module_pipeline);
	for (uint32_t i = 0; i < m->npipelines && !l->w.fault; i++)
		get_pipeline(l, &m->pipelines[i]);
}

static void get_config(struct loader *l, struct module_config *c)
{
	enum { LEAST = 4 };
	struct module_config_entry *e;

	c->name = wire_str(&l->w);
	c->doc = wire_str(&l->w);
	c->pipeline = get_index(l);
	c->base = get_index(l);
	c->nentries = wire_count(&l->w, LEAST);
	e = GET_ARRAY(l, c->nentries, struct module_config_entry);
	for (uint32_t i = 0; i < c->nentries && !l->w.fault; i++) {
		e[i].address = wire_str(&l->w);
		e[i].type = get_type(l);
		e[i].value = wire_value(&l->w);
		e[i].loc = get_loc(l);
	}
	c->entries = e;
	c->loc = get_loc(l);
}

static void get_CONF(struct loader *l)
{
	enum { LEAST = 6 };
	struct module *m = l->m;

	m->nconfigs = wire_count(&l->w, LEAST);
	m->configs = GET_ARRAY(l, m->nconfigs, struct module_config);
	for (uint32_t i = 0; i < m->nconfigs && !l->w.fault; i++)
		get_config(l, &m->configs[i]);
}

static void get_SCHD(struct loader *l)
{
	enum { LEAST = 8 };
	struct module *m = l->m;

	m->nschedules = wire_count(&l->w, LEAST);
	m->schedules = GET_ARRAY(l, m->nschedules, struct module_schedule);
	for (uint32_t i = 0; i < m->nschedules && !l->w.fault; i++) {
		struct module_schedule *s = &m->schedules[i];

		s->name = wire_str(&l->w);
		s->doc = wire_str(&l->w);
		s->pipeline = get_index(l);
		s->config = get_index(l);
		s->cron = wire_str(&l->w);
		s->timezone = wire_str(&l->w);
		s->concurrency = (enum concurrency)get_below(
			l, CONCURRENCY_N, "concurrency of unknown kind");
		s->loc = get_loc(l);
	}
}

const struct load_section load_sections[SECTION_N] = {
#define SECTION(tag, doc) {#tag, get_##tag},
	SECTIONS(SECTION)
#undef SECTION
};
