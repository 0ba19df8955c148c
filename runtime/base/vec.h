/* A growing array of any type, embedded in its owner; zeroed is empty.
 *
 *	VEC(struct node *) stack = {0};
 *	vec_push(&stack, n);
 *	for (size_t i = 0; i < stack.n; i++)
 *		use(stack.at[i]);
 *	vec_release(&stack);
 *
 * Pointers into it are good until the next push. */
#ifndef KFPC_BASE_VEC_H
#define KFPC_BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>

#define VEC(T) struct { T *at; size_t n, cap; }

/* The grown array of at least n elements; what *cap counts is updated.  Aborts when
 * memory runs out. */
void *vec_grow(void *at, size_t n, size_t *cap, size_t bytes);

#define vec_reserve(v, more) \
	((v)->n + (more) > (v)->cap \
		 ? (void)((v)->at = vec_grow((v)->at, (v)->n + (more), &(v)->cap, sizeof *(v)->at)) \
		 : (void)0)
#define vec_push(v, ...) (vec_reserve((v), 1), (v)->at[(v)->n++] = (__VA_ARGS__))
#define vec_pop(v) ((v)->at[--(v)->n])
#define vec_last(v) ((v)->at[(v)->n - 1])
#define vec_clear(v) ((void)((v)->n = 0))
#define vec_release(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->cap = 0)

#endif
