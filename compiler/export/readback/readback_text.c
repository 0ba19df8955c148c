/* The whole check of what was written, for every target. */
#include <config.h>

#include "compiler/export/export.h"
#include "compiler/export/readback/readback.h"
#include "compiler/export/yaml/yaml.h"
#include "runtime/value/yaml_read.h"

void readback_claim(struct export *x, const struct readback_use *root,
		    const struct map *inputs, struct str (*name_of)(const void *source))
{
	struct readback_claims *claims = ARENA_NEW(x->a, struct readback_claims);

	claims->m = x->m;
	claims->root = root;
	claims->inputs = ARENA_ARRAY(x->a, inputs->n + 1, struct readback_setting);
	for (size_t i = 0; i < inputs->cap; i++) {
		const struct map_slot *s = &inputs->slots[i];

		if (s->key)
			claims->inputs[claims->ninputs++] = (struct readback_setting){
				name_of(s->value), {s->key, s->nkey}};
	}
	x->claims = claims;
}

int readback_text(const struct export *x, struct str text, const struct yaml *trees,
		  readback_reader *read, struct err *err)
{
	struct readback_graph graph = {0};
	struct yaml_docs docs;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = yaml_read_back(&a, text, trees, &docs, err) ||
	     read(&docs, &a, &graph, err) || readback_compare(&graph, x->claims, err);
	readback_release(&graph);
	arena_release(&a);
	return rc ? -1 : 0;
}
