/* The reader of YAML on any bytes.  What it reads has a value or an error, and written by
 * the exporters' writer, in either of its styles, it reads as the same again. */
#include <config.h>

#include <stdint.h>

#include "compiler/export/yaml/yaml.h"
#include "runtime/value/json.h"
#include "runtime/value/yaml_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The tree that the writer takes: of a plain scalar what it means, if that is agreed. */
static struct yaml *tree_of(struct arena *a, const struct yaml_node *node)
{
	struct yaml *y;
	struct value v;

	if (node->shape == YAML_IS_SCALAR) {
		if (!node->is_plain || !yaml_resolve(node->text, &v))
			return yaml_str(a, node->text);
		return v.kind == VALUE_INT ? yaml_int(a, v.i) : yaml_value(a, v);
	}
	y = node->shape == YAML_IS_LIST ? yaml_seq(a) : yaml_map(a);
	for (size_t i = 0; i < node->n; i++) {
		struct yaml *value = tree_of(a, node->items[i].value);

		if (node->items[i].key)
			yaml_put(y, node->items[i].key->text, value);
		else
			yaml_add(y, value);
	}
	return y;
}

static void write_again(struct arena *a, const struct yaml_node *node,
			void (*write)(struct yaml *top, struct buf *out))
{
	struct yaml *list = yaml_seq(a), *top = tree_of(a, node);
	struct yaml_docs docs;
	struct buf text = {0};
	struct err err;

	if (node->shape == YAML_IS_SCALAR) {
		yaml_add(list, top);
		top = list;
		list = yaml_seq(a);
	}
	yaml_add(list, top);
	write(top, &text);
	if (yaml_read_back(a, buf_str(&text), list, &docs, &err))
		BUG("what was written reads as something else: %s", err.text);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = {(const char *)data, n};
	const struct yaml_node *node;
	struct yaml_docs docs;
	struct arena a = {0};
	struct buf out = {0};
	struct value v;
	struct err err;

	if (!yaml_read(&a, text, &docs, &err))
		for (size_t i = 0; i < docs.n; i++) {
			write_again(&a, docs.at[i], yaml_write);
			write_again(&a, docs.at[i], yaml_write_by_hand);
		}
	if (!yaml_parse(&a, text, &v, &node, &err))
		json_write(v, &out);
	buf_release(&out);
	arena_release(&a);
	return 0;
}
