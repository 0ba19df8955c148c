/* Makes a store with a few runs in it, for the tests of the commands that look at runs:
 *
 *	store_fixture DIR	prints the IDs, one a line: succeeded, failed, lost
 *	store_fixture DIR live	one run that goes on for a second and a half
 *
 * Without DIR it only checks that it can. */
#include <config.h>

#include "runtime/store/fsck.h"
#include "runtime/store/view.h"
#include "tests/unit/store_util.h"

static struct store *s;

static struct digest put(const char *text)
{
	struct blob b;
	struct err err;

	if (cas_put(s, str_of(text), &b, &err))
		die("cas_put", &err);
	return b.digest;
}

static void write_log(struct run_log *l, bool is_stderr, const char *text)
{
	struct err err;

	if (run_log_write(l, is_stderr, str_of(text), &err))
		die("run_log_write", &err);
}

static void point(struct run *r, const char *task, const char *name, bool is_static,
		  int64_t step, double value)
{
	struct err err;

	if (run_metric(r, str_of(task), 1, str_of(name), is_static, step, value,
		       1700000000000 + step, &err))
		die("run_metric", &err);
}

/* JSON with ' for ", so that it can be read here. */
static const char *quoted(struct arena *a, const char *text)
{
	char *copy = arena_dup(a, text, strlen(text) + 1);

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

/* The manifest of a model, as the runtime writes it. */
static struct digest put_manifest(struct arena *a, const struct digest *weights)
{
	struct digest code = put("def fit(): ...\n"), lock = put("scikit-learn==1.5.0\n"),
		      structure = put("{\"class\":\"SVC\"}\n");
	struct str text = arena_printf(
		a,
		"{'bundle':1,'type':'Model','code':{'digest':'%s','tree':false,"
		"'entry':'iris.kfp:train'},'weights':{'digest':'%s','format':'dill',"
		"'size':7,'tree':false},'structure':{'digest':'%s','source':'declared'},"
		"'environment':{'digest':'%s','python':'3.11.2','lock':'%s'}}",
		code.hex, weights->hex, structure.hex, lock.hex, lock.hex);

	return put(quoted(a, text.p));
}

static struct blob take_folder(void)
{
	struct blob b;
	struct err err;

	mkdir("parts", 0700);
	put_file("parts/a.csv", "1,2\n");
	put_file("parts/나.csv", "3,4\n");
	if (cas_take(s, AT_FDCWD, "parts", &b, &err) != CAS_TAKEN)
		die("cas_take", &err);
	return b;
}

static void append(struct run *r, struct arena *a, enum event e, const char *members)
{
	must_append(r, e, quoted(a, members));
}

static void load_task(struct run *r, struct arena *a)
{
	struct blob folder = take_folder();
	struct run_log *l = run_log_begin(r, STR("load"), 1);

	append(r, a, EVENT_TASK_STARTED,
	       "'task':'load','attempt':1,'component':'load_csv',"
	       "'kind':'python','inputs':{'path':'data dir'}");
	write_log(l, false, "reading\n");
	run_log_end(l, NULL);
	append(r, a, EVENT_TASK_RETRY,
	       "'task':'load','attempt':1,'error':'exit status 7',"
	       "'exit_code':7,'wait_ms':1");
	append(r, a, EVENT_TASK_STARTED,
	       "'task':'load','attempt':2,'component':'load_csv',"
	       "'kind':'python','inputs':{'path':'data dir'}");
	append(r, a, EVENT_TASK_FINISHED,
	       arena_printf(a, "'task':'load','attempt':2,'state':'succeeded','outputs':{"
			    "'data':{'$artifact':'Dataset','format':'csv','name':'data',"
			    "'digest':'%s','tree':true,'size':8,'metadata':{'rows':2}},"
			    "'count':2,'title':'두 줄'},'exit_code':0,'ms':3",
			    folder.digest.hex).p);
}

static struct str model_value(struct arena *a)
{
	struct digest weights = put("weights"), manifest = put_manifest(a, &weights);

	return arena_printf(a, "{'$artifact':'Model','format':'dill','name':'model',"
			    "'digest':'%s','tree':false,'size':7,'metadata':{},"
			    "'manifest':'%s'}", weights.hex, manifest.hex);
}

static void train_task(struct run *r, struct str model, struct arena *a)
{
	struct run_log *l = run_log_begin(r, STR("train"), 1),
		       *other = run_log_begin(r, STR("watch"), 1);

	append(r, a, EVENT_TASK_STARTED, "'task':'train','attempt':1,'component':'train',"
	       "'kind':'python','inputs':{'kernel':'rbf'}");
	append(r, a, EVENT_TASK_STARTED, "'task':'watch','attempt':1,'component':'watch',"
	       "'kind':'shell','inputs':{}");
	write_log(l, false, "epoch 1");
	write_log(other, true, "watching\n");
	write_log(l, false, " done\n");
	write_log(l, true, "warn \033[31mred\033[0m\n");
	write_log(other, false, "no newline");
	run_log_end(l, NULL);
	run_log_end(other, NULL);
	for (int i = 0; i < 3; i++)
		point(r, "train", "loss", false, i, 1.0 / (1 << i));
	point(r, "train", "accuracy", true, 0, 0.97);
	append(r, a, EVENT_TASK_FINISHED,
	       "'task':'watch','attempt':1,'state':'succeeded',"
	       "'outputs':{},'exit_code':0,'ms':1");
	append(r, a, EVENT_TASK_FINISHED,
	       arena_printf(a,
			    "'task':'train','attempt':1,'state':'succeeded','outputs':{"
			    "'model':%.*s,'accuracy':0.97,'loss':{'$series':{'n':3,"
			    "'last':0.25,'min':0.25,'max':1.0}}},'exit_code':0,'ms':5",
			    STR_ARG(model)).p);
}

static void make_succeeded(char *id)
{
	struct arena a = {0};
	struct run *r;
	struct str model, end;
	struct err err;

	r = must_create(s, quoted(&a, "'pipeline':'iris','name':'first one','config':{"
				  "'kernel':{'value':'rbf','origin':'-p'},'folds':{"
				  "'value':[1,2],'origin':'default at iris.kfp:3:9'}},"
				  "'file':'iris.kfp','argv':['kfpc','run',"
				  "'my iris.kfp']"));
	memcpy(id, run_id(r), RUN_ID_CHARS + 1);
	append(r, &a, EVENT_RUN_STARTED, "'pid':1,'host':'here','boot':'0'");
	load_task(r, &a);
	model = model_value(&a);
	train_task(r, model, &a);
	append(r, &a, EVENT_TASK_SKIPPED, "'task':'deploy','component':'deploy',"
	       "'reason':'branch','because':'if'");
	end = arena_printf(&a, "'outputs':{'best':%.*s,'score':0.97},'ms':9",
			   STR_ARG(model));
	if (run_finish(r, "succeeded", str_of(quoted(&a, end.p)), &err))
		die("run_finish", &err);
	arena_release(&a);
}

static void make_failed(char *id)
{
	struct arena a = {0};
	struct run *r = must_create(s, quoted(&a, "'pipeline':'debug','name':'debug',"
					      "'file':'debug.kfp','config':{}"));
	struct run_log *l;
	struct err err;

	memcpy(id, run_id(r), RUN_ID_CHARS + 1);
	append(r, &a, EVENT_TASK_STARTED, "'task':'sub/crash#2','attempt':1,"
	       "'component':'crash','kind':'python','inputs':{}");
	l = run_log_begin(r, STR("sub/crash#2"), 1);
	write_log(l, false, "fine so far\n");
	write_log(l, true, "Traceback\nValueError: \033]0;no\007\n");
	run_log_end(l, NULL);
	append(r, &a, EVENT_TASK_FINISHED, "'task':'sub/crash#2','attempt':1,"
	       "'state':'failed','outputs':{},'error':'ValueError: no','exit_code':1,"
	       "'place':'debug.kfp:12:5'");
	append(r, &a, EVENT_TASK_SKIPPED, "'task':'after','component':'print',"
	       "'reason':'upstream_failed','because':'sub/crash#2'");
	append(r, &a, EVENT_VALUE, "'task':'ratio','error':'division by zero',"
	       "'place':'debug.kfp:9:3'");
	if (run_finish(r, "failed", str_of(quoted(&a, "'error':'sub/crash#2 failed'")),
		       &err))
		die("run_finish", &err);
	arena_release(&a);
}

static void make_lost(char *id)
{
	struct arena a = {0};
	struct run *r = must_create(s, quoted(&a, "'pipeline':'iris','name':'iris'"));
	struct err err;

	memcpy(id, run_id(r), RUN_ID_CHARS + 1);
	append(r, &a, EVENT_TASK_STARTED, "'task':'load','attempt':1,'component':'load'");
	run_flush(r, &err);
	run_abandon(r);
	arena_release(&a);
}

/* Silent at the end, so that only run_log_tick tells what was written last. */
static void make_live(void)
{
	struct run *r = must_create(s, "\"pipeline\":\"live\",\"name\":\"live\"");
	struct run_log *l;
	struct err err;

	must_append(r, EVENT_TASK_STARTED, "\"task\":\"slow\",\"attempt\":1");
	l = run_log_begin(r, STR("slow"), 1);
	write_log(l, false, "one\ntwo\n");
	for (int i = 0; i < 15; i++) {
		usleep(100000);
		if (run_log_tick(r, &err))
			die("run_log_tick", &err);
	}
	write_log(l, true, "three\n");
	run_log_end(l, NULL);
	if (run_finish(r, "succeeded", STR(""), &err))
		die("run_finish", &err);
}

int main(int argc, char **argv)
{
	char ids[3][RUN_ID_CHARS + 1];
	struct fsck f;
	struct err err;

	s = must_open(argc > 1 ? argv[1] : "fixture");
	if (argc > 2) {
		make_live();
		store_close(s);
		return 0;
	}
	make_succeeded(ids[0]);
	make_failed(ids[1]);
	make_lost(ids[2]);
	if (argc > 1) {
		printf("%s\n%s\n%s\n", ids[0], ids[1], ids[2]);
		store_close(s);
		return 0;
	}
	ok(!store_fsck(s, &f, &err) && !f.nproblems && f.nruns == 3,
	   "the fixture is clean");
	for (size_t i = 0; i < f.findings.n; i++)
		printf("# %s: %s\n", f.findings.at[i].what.p, f.findings.at[i].text.p);
	fsck_release(&f);
	store_close(s);
	return done_testing();
}
