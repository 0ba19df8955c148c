#include <config.h>

#include "runtime/base/uri.h"
#include "tests/unit/tap.h"

static struct arena a;

static void schemes(void)
{
	is_str(arena_str(&a, uri_scheme(STR("https://x/y"))).p, "https", "a scheme");
	is_str(arena_str(&a, uri_scheme(STR("s3+x.y:z"))).p, "s3+x.y", "all its bytes");
	is_int((int)uri_scheme(STR("a/b:c")).n, 0, "a path is none");
	is_int((int)uri_scheme(STR("c:/x")).n, 0, "nor is a drive");
	is_int((int)uri_scheme(STR("file")).n, 0, "nor what has no colon");
	is_int((int)uri_scheme(STR("")).n, 0, "nor nothing");
	is_int((int)uri_scheme(STR("3d:x")).n, 0, "nor what begins with a digit");
	is_int(uri_can_load(STR("")), true, "paths are loaded");
	is_int(uri_can_load(STR("s3")), false, "s3 is not");
	is_int(uri_is_of_store(STR("s3")), true, "which is a store");
}

static void paths(void)
{
	is_str(uri_file_path(STR("file:///a%20b/%41"), &a).p, "/a b/A", "decoded");
	is_str(uri_file_path(STR("file://localhost/x"), &a).p, "/x", "localhost is us");
	is_int((int)uri_file_path(STR("file://other/x"), &a).n, 0, "others are not");
	is_str(uri_file_path(STR("a%20b"), &a).p, "a%20b", "a path is as it is");
	is_str(uri_file_path(STR("file:x/%2"), &a).p, "x/%2", "a % alone");
	is_int((int)uri_file_path(STR("file:///a%00b"), &a).n, 0, "no byte 0");
	is_int((int)uri_file_path(STR("file:"), &a).n, 0, "nothing");
}

static void passwords(void)
{
	is_str(uri_shown(STR("http://u:p@h/x@y"), &a).p, "http://h/x@y", "left out");
	is_str(uri_shown(STR("http://a@b@h"), &a).p, "http://h", "up to the last @");
	is_str(uri_shown(STR("http://h/a@b"), &a).p, "http://h/a@b", "not of a path");
	is_str(uri_shown(STR("a@b"), &a).p, "a@b", "nor without a scheme");
	is_str(uri_shown(STR("http://"), &a).p, "http://", "nor of nothing");
}

int main(void)
{
	arena_init(&a);
	schemes();
	paths();
	passwords();
	arena_release(&a);
	return done_testing();
}
