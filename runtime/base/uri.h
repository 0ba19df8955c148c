/* URIs, as far as artifacts are brought in by them (RFC 3986). */
#ifndef KFPC_BASE_URI_H
#define KFPC_BASE_URI_H

#include "runtime/base/arena.h"
#include "runtime/base/str.h"

/* "https" of "https://example.com/x"; empty where there is none: then it is a path. */
struct str uri_scheme(struct str uri);
/* The path of a file: URI, or of a path, %20 and its like decoded (in a URI only); in a,
 * NUL-terminated.  Empty if it names another host or holds a byte 0. */
struct str uri_file_path(struct str uri, struct arena *a);
/* The same without what stands before an @: names and passwords.  In a. */
struct str uri_shown(struct str uri, struct arena *a);

/* Can this machine load what has the scheme: file, http, https and plain paths? */
bool uri_can_load(struct str scheme);
/* Is it a scheme of stores that the targets know: s3, gs and others? */
bool uri_is_of_store(struct str scheme);

#endif
