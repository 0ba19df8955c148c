/* Limits on what comes from outside.  Each is checked before use and has a test; a
 * program that meets one gets a diagnostic, never a crash. */
#ifndef KFPC_BASE_LIMITS_H
#define KFPC_BASE_LIMITS_H

enum {
	LIMIT_FILE_BYTES = 256 << 20,	/* one source file or module */
	LIMIT_NESTING = 256,		/* brackets, blocks, f-strings, JSON: levels */
	LIMIT_IMPORT_DEPTH = 64,	/* files importing files */
	LIMIT_CALL_DEPTH = 64,		/* pipelines calling pipelines */
	LIMIT_DIAGS = 200,		/* errors, and warnings, kept of one compilation */
	LIMIT_ENV_BYTES = 100 << 10,	/* one environment variable given to a task */
	LIMIT_VALUE_BYTES = 16 << 20,	/* one value output read back from a task */
	LIMIT_EVAL_STEPS = 50000000,	/* iterations, calls and elements gone through in one
					 * evaluation of an expression */
	LIMIT_EVAL_BYTES = 512 << 20,	/* memory that it may take */
	LIMIT_STR_BYTES = 16 << 20,	/* a string made by an expression */
	LIMIT_TYPE_PARTS = 10000,	/* a type, with all types within written out */
	LIMIT_TASKS = 1000000,		/* instances in one run that are there at a time */
	LIMIT_ITERATIONS = 10000000,	/* of one loop */
};

#endif
