#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/source.h"
#include "compiler/cli/test_result.h"
#include "runtime/base/io.h"
#include "runtime/bc/explain.h"
#include "runtime/rt.h"
#include "runtime/value/json.h"
#include "runtime/vm/eval.h"

enum form { FORM_TEXT, FORM_TAP, FORM_JSON };

/* How often a condition came out one way and the other. */
struct branch {
	struct str text, place;
	struct loc loc;
	unsigned taken[2];
};

struct testing {		/* one `kfpc test` */
	struct cli *c;
	enum form form;
	struct store *store;
	const struct module *m;		/* of the file that is being tested */
	struct str bytes;
	VEC(struct branch) branches;	/* of all files */
	size_t first_branch;		/* of this one */
	unsigned npassed, nfailed, number;
	bool is_interrupted;
	struct buf out;
};

struct failure {
	struct str text, place;
};

/* Branches. */

static void add_branches(struct testing *t)
{
	t->first_branch = t->branches.n;
	for (uint32_t p = 0; p < t->m->npipelines; p++) {
		const struct module_pipeline *pl = &t->m->pipelines[p];

		for (uint32_t i = 0; pl->in_root && i < pl->nnodes; i++)
			if (pl->nodes[i].kind == NODE_BRANCH)
				vec_push(&t->branches, (struct branch){
					arena_str(&t->c->arena, pl->nodes[i].cond->text),
					module_loc(t->m, pl->nodes[i].loc, &t->c->arena),
					pl->nodes[i].loc, {0}});
	}
}

static void observe(void *arg, const struct run_event *e)
{
	struct testing *t = arg;

	if (e->kind != RUN_EVENT_BRANCH)
		return;
	for (size_t i = t->first_branch; i < t->branches.n; i++)
		if (loc_eq(t->branches.at[i].loc, e->loc))
			t->branches.at[i].taken[e->value != 0]++;
}

/* One test. */

static const struct run_stub *make_stubs(struct testing *t, const struct test_case *tc,
					 struct arena *a)
{
	struct run_stub *stubs = ARENA_ARRAY(a, tc->nstubs, struct run_stub);

	for (uint32_t i = 0; i < tc->nstubs; i++) {
		const struct test_stub *s = &tc->stubs[i];
		uint32_t n = t->m->components[s->component].nparams;
		struct value *args = ARENA_ARRAY(a, n, struct value);
		bool *given = ARENA_ARRAY(a, n, bool);

		for (uint32_t k = 0; k < s->nargs; k++) {
			args[s->args[k].param] = s->args[k].value;
			given[s->args[k].param] = true;
		}
		stubs[i] = (struct run_stub){s->component, args,     given,
					     s->values,    s->files, s->error};
	}
	return stubs;
}

static int make_config(struct testing *t, const struct test_step *step, struct arena *a,
		       struct run_config *config, struct err *err)
{
	struct config_source *sources =
		ARENA_ARRAY(a, step->nvalues, struct config_source);
	struct buf errors = {0};
	int rc;

	for (uint32_t i = 0; i < step->nvalues; i++)
		sources[i] = (struct config_source){.address = step->values[i].name,
						    .json = &step->values[i].value,
						    .origin = STR("the test")};
	rc = run_config_make(t->m, step->pipeline, step->config, sources, step->nvalues,
			     a, config, &errors, err);
	if (rc && errors.n)
		err_setk(err, ERR_INPUT, "%.*s", STR_ARG(str_trim(buf_str(&errors))));
	buf_release(&errors);
	return rc;
}

/* Runs what the step says; its result in *out.  -1 with err if it could not be run. */
static int run_step(struct testing *t, const struct test_case *tc,
		    const struct test_step *step, struct arena *a, struct value *out,
		    struct err *err)
{
	struct run_opts opts = {
		.name = tc->name, .observe = observe, .arg = t, .argv_json = STR("[]"),
		.stubs = make_stubs(t, tc, a), .nstubs = tc->nstubs,
	};
	struct run_config config;
	struct run_result result;
	struct run_view view;

	if (make_config(t, step, a, &config, err) ||
	    run_pipeline(t->m, t->bytes, step->pipeline, &config, t->store, &opts, a,
			 &result, err) ||
	    run_view_load(t->store, result.id, false, &view, err))
		return -1;
	t->is_interrupted |= str_is(result.state, "cancelled");
	*out = value_copy(a, test_result(step->type, &view, a));
	run_view_release(&view);
	return 0;
}

static struct str run_error(const struct value *runs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct value *error = value_get(runs[i], STR("error"));

		if (error && error->s->n)
			return *error->s;
	}
	return STR("");
}

/* The place of an assert is told beside what is wrong with it. */
static const char *without_place(const char *text, struct str place)
{
	return str_has_prefix(str_of(text), place) && text[place.n] == ':'
		       ? text + place.n + 2
		       : text;
}

/* "'r.state == "failed"' does not hold: r.state is "succeeded"" */
static struct str broken(struct testing *t, const struct test_case *tc,
			 const struct test_step *step, const struct value *inputs,
			 struct arena *a)
{
	struct module_param *runs = ARENA_ARRAY(a, tc->nruns, struct module_param);
	struct explain_names names = {.site = step->cond, .params = runs};
	struct buf b = {0};
	struct str s;
	uint32_t n = 0;

	for (uint32_t i = 0; i < tc->nsteps; i++)
		if (!tc->steps[i].cond)
			runs[n++].name = tc->steps[i].name;
	buf_addf(&b, "'%.*s' does not hold: ", STR_ARG(step->cond->text));
	explain_condition(t->m, step->cond, inputs, &names, &b);
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* What the site reads: the results of runs. */
static const struct value *find_inputs(const struct site *s, const struct value *runs,
				       struct arena *a)
{
	struct value *inputs = ARENA_ARRAY(a, s->ninputs, struct value);

	for (uint32_t i = 0; i < s->ninputs; i++)
		inputs[i] = runs[s->inputs[i].index];
	return inputs;
}

/* True if it holds; else *f says what does not. */
static bool assert_step(struct testing *t, const struct test_case *tc,
			const struct test_step *step, const struct value *runs,
			uint32_t nruns, struct arena *a, struct failure *f)
{
	const struct value *inputs = find_inputs(step->cond, runs, a);
	struct str error = run_error(runs, nruns);
	struct value v;
	struct err err;

	if (eval(t->m, step->cond, inputs, a, &v, &err)) {
		f->text = arena_printf(a, "'%.*s' has no value: %s",
				       STR_ARG(step->cond->text),
				       without_place(err.text, f->place));
	} else if (v.b) {
		return true;
	} else {
		f->text = broken(t, tc, step, inputs, a);
	}
	if (step->message && !eval(t->m, step->message,
				   find_inputs(step->message, runs, a), a, &v, &err))
		f->text = arena_printf(a, "%.*s: %.*s", STR_ARG(*v.s), STR_ARG(f->text));
	if (error.n)
		f->text = arena_printf(a, "%.*s\nthe run said: %.*s", STR_ARG(f->text),
				       STR_ARG(error));
	return false;
}

static bool run_case(struct testing *t, const struct test_case *tc, struct arena *a,
		     struct failure *f)
{
	struct value *runs = ARENA_ARRAY(a, tc->nruns, struct value);
	uint32_t n = 0;
	struct err err;

	for (uint32_t i = 0; i < tc->nsteps; i++) {
		const struct test_step *step = &tc->steps[i];

		f->place = module_loc(t->m, step->loc, a);
		if (step->cond) {
			if (!assert_step(t, tc, step, runs, n, a, f))
				return false;
		} else if (run_step(t, tc, step, a, &runs[n++], &err)) {
			f->text = arena_str(a, str_of(err.text));
			return false;
		}
		if (t->is_interrupted) {
			f->text = STR("interrupted");
			return false;
		}
	}
	return true;
}

/* What is said of it. */

static void add_lines(struct buf *out, const char *before, struct str text)
{
	for (size_t lo = 0, hi; lo < text.n; lo = hi + 1) {
		hi = str_find(text, STR("\n"), lo);
		buf_addf(out, "%s", before);
		buf_add_printable(out, str_sub(text, lo, hi), false);
		buf_addc(out, '\n');
	}
}

static void report_tap(struct testing *t, struct str file, const struct test_case *tc,
		       const struct failure *f)
{
	buf_addf(&t->out, "%s %u - %.*s: %.*s\n", f ? "not ok" : "ok", t->number,
		 STR_ARG(file), STR_ARG(tc->name));
	if (!f)
		return;
	buf_addz(&t->out, "  ---\n  message: ");
	buf_add_json(&t->out, f->text);
	buf_addf(&t->out, "\n  at: ");
	buf_add_json(&t->out, f->place);
	buf_addz(&t->out, "\n  ...\n");
}

static void report_json(struct testing *t, struct str file, const struct test_case *tc,
			const struct failure *f, int64_t ms)
{
	buf_addc(&t->out, '{');
	json_put_str(&t->out, "file", file);
	json_put_str(&t->out, "test", tc->name);
	json_put_int(&t->out, "line", tc->loc.line);
	json_put_bool(&t->out, "passed", !f);
	json_put_int(&t->out, "ms", ms);
	if (f) {
		json_put_str(&t->out, "message", f->text);
		json_put_str(&t->out, "at", f->place);
	}
	buf_addz(&t->out, "}\n");
}

static void report_text(struct testing *t, const struct test_case *tc,
			const struct failure *f, int64_t ms)
{
	buf_addf(&t->out, "  %s  %.*s (", f ? "FAILED" : "passed", STR_ARG(tc->name));
	human_duration(&t->out, ms);
	buf_addz(&t->out, ")\n");
	if (!f)
		return;
	buf_addf(&t->out, "          %.*s:\n", STR_ARG(f->place));
	add_lines(&t->out, "          ", f->text);
}

static int test_one(struct testing *t, struct str file, const struct test_case *tc)
{
	struct failure f = {0};
	struct arena a = {0};
	int64_t began = io_monotonic_ms(), ms;
	bool passed = run_case(t, tc, &a, &f);

	ms = io_monotonic_ms() - began;
	t->number++;
	t->npassed += passed;
	t->nfailed += !passed;
	buf_clear(&t->out);
	if (t->form == FORM_TAP)
		report_tap(t, file, tc, passed ? NULL : &f);
	else if (t->form == FORM_JSON)
		report_json(t, file, tc, passed ? NULL : &f, ms);
	else
		report_text(t, tc, passed ? NULL : &f, ms);
	arena_release(&a);
	return cli_print(&t->out);
}

static bool is_chosen(const struct testing *t, const struct test_case *tc)
{
	const char *pattern = cli_get(t->c, OPT_test_match);

	return !pattern || str_find(tc->name, str_of(pattern), 0) < tc->name.n;
}

static int run_file(struct testing *t, struct compilation *comp, const char *path)
{
	struct str file = strcmp(path, "-") ? str_of(path) : STR("<stdin>");
	int rc = EXIT_DONE;

	add_branches(t);
	if (t->form == FORM_TEXT) {
		buf_clear(&t->out);
		buf_addf(&t->out, "%.*s\n", STR_ARG(file));
		rc = cli_print(&t->out);
	}
	for (uint32_t i = 0; i < comp->lowered.ntests && !rc && !t->is_interrupted; i++)
		if (is_chosen(t, &comp->lowered.tests[i]))
			rc = test_one(t, file, &comp->lowered.tests[i]);
	return rc;
}

static int test_file(struct testing *t, const char *path)
{
	struct compilation comp;
	struct buf bytes = {0};
	struct err err;
	int rc;

	compilation_init(&comp);
	rc = source_compile(t->c, &comp, path, SOURCE_TESTS);
	if (!rc && module_verify(comp.module, &err))
		rc = cli_fail(&err);
	if (!rc) {
		module_save(comp.module, &bytes);
		t->m = comp.module;
		t->bytes = buf_str(&bytes);
		rc = run_file(t, &comp, path);
	}
	buf_release(&bytes);
	compilation_release(&comp);
	return rc;
}

/* At the end. */

static size_t count_arms(const struct testing *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->branches.n; i++)
		for (int arm = 0; arm < 2; arm++)
			n += t->branches.at[i].taken[arm] > 0;
	return n;
}

static void list_missed(struct testing *t, const char *before)
{
	for (size_t i = 0; i < t->branches.n; i++)
		for (int arm = 1; arm >= 0; arm--)
			if (!t->branches.at[i].taken[arm])
				buf_addf(&t->out, "%s%.*s: '%.*s' was never %s\n", before,
					 STR_ARG(t->branches.at[i].place),
					 STR_ARG(t->branches.at[i].text),
					 arm ? "True" : "False");
}

static void json_branches(struct testing *t)
{
	buf_addc(&t->out, '{');
	json_put_int(&t->out, "passed", t->npassed);
	json_put_int(&t->out, "failed", t->nfailed);
	json_put_key(&t->out, "branches");
	buf_addc(&t->out, '[');
	for (size_t i = 0; i < t->branches.n; i++) {
		const struct branch *b = &t->branches.at[i];

		buf_addz(&t->out, i ? ",{" : "{");
		json_put_str(&t->out, "at", b->place);
		json_put_str(&t->out, "condition", b->text);
		json_put_int(&t->out, "true", b->taken[1]);
		json_put_int(&t->out, "false", b->taken[0]);
		buf_addc(&t->out, '}');
	}
	buf_addz(&t->out, "]}\n");
}

static int summarize(struct testing *t)
{
	size_t all = 2 * t->branches.n, taken = count_arms(t);

	buf_clear(&t->out);
	if (t->form == FORM_JSON) {
		json_branches(t);
	} else {
		if (t->form == FORM_TAP)
			buf_addf(&t->out, "1..%u\n", t->number);
		buf_addf(&t->out, "%s%u passed, %u failed",
			 t->form == FORM_TAP ? "# " : "", t->npassed, t->nfailed);
		if (all)
			buf_addf(&t->out, "; %zu of %zu branches taken", taken, all);
		buf_addc(&t->out, '\n');
		if (taken < all && !cli_has(t->c, OPT_test_match))
			list_missed(t, t->form == FORM_TAP ? "# " : "  ");
	}
	return cli_print(&t->out);
}

static int test_files(struct testing *t)
{
	int rc = EXIT_DONE, one;

	for (int i = 0; i < t->c->nargs && !t->is_interrupted; i++) {
		one = test_file(t, t->c->args[i]);
		rc = one > rc ? one : rc;
	}
	one = summarize(t);
	rc = one > rc ? one : rc;
	if (t->is_interrupted)
		return EXIT_INTERRUPTED;
	return !rc && t->nfailed ? EXIT_WRONG : rc;
}

/* Runs of tests are kept in a store of their own, as long as they take. */
static int with_store(struct testing *t)
{
	char path[4096];
	struct err err;
	int rc;

	snprintf(path, sizeof path, "%s/kfpc-test.XXXXXX", io_temp_folder());
	if (!mkdtemp(path)) {
		err_sys(&err, "%s", path);
		return cli_fail(&err);
	}
	t->store = store_open(path, STORE_WRITE, &err);
	if (t->store)
		store_forgo_sync(t->store);	/* it is removed when the tests are over */
	rc = t->store ? test_files(t) : cli_fail(&err);
	if (t->store)
		store_close(t->store);
	io_remove_tree(path, &err);
	return rc;
}

int cmd_test(struct cli *c)
{
	struct testing t = {.c = c};
	int rc;

	if (!c->nargs)
		return cli_usage(c, "a file is wanted");
	if (cli_has(c, OPT_test_json) && cli_has(c, OPT_test_tap))
		return cli_usage(c, "--json and --tap are two forms; one is wanted");
	t.form = cli_has(c, OPT_test_json) ? FORM_JSON
		 : cli_has(c, OPT_test_tap) ? FORM_TAP : FORM_TEXT;
	rc = with_store(&t);
	vec_release(&t.branches);
	buf_release(&t.out);
	return rc;
}
