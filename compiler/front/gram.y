/* The grammar of the language.  Actions only build nodes (build.c) and say what can be
 * known here.  One nonterminal, item, serves all blocks: what does not belong where it
 * stands is for the checker to say, in better words than "unexpected".
 *
 * The layout stage guarantees that every bracket token has its partner and every block
 * its INDENT and DEDENT, so "error" may safely be followed by a closing bracket: that
 * stage also skips to the right one. */

%require "3.8"
%define api.pure full
%define api.token.raw
%define api.value.type union
%define api.location.type {struct span}
%define api.header.include {"compiler/front/gram.h"}
%define parse.error custom
%define parse.lac full
%expect 0

%code top {
#include <config.h>
}

%code requires {
#include "compiler/front/ast.h"

struct parser;
}

%code provides {
int front_parse(struct parser *p);
}

%code {
#include "compiler/front/build.h"
#include "compiler/front/front.h"
#include "compiler/front/op.h"

#define YYLLOC_DEFAULT(all, rhs, n) \
	((all).lo = (n) ? YYRHSLOC(rhs, 1).lo : YYRHSLOC(rhs, 0).hi, \
	 (all).hi = YYRHSLOC(rhs, n).hi)
/* Blocks and brackets are limited by the layout stage, trees by their height; this is for
 * what nests without either, as `not not not x`. */
#define YYMAXDEPTH 20000

static int yylex(YYSTYPE *value, YYLTYPE *at, struct parser *p);
static void yyerror(YYLTYPE *at, struct parser *p, const char *message);
}

%parse-param {struct parser *p}
%lex-param {struct parser *p}

%token YYEOF 0 "the end of the file"
%token NEWLINE "the end of the line" INDENT "an indented block"
%token DEDENT "the end of the block"
%token <const struct sym *> NAME "a name"
%token <struct node *> STRING "a string" NUMBER "a number" RAW "a code block"
%token <struct node *> FTEXT "text" FSPEC "a format"
%token FSTART "an f-string" FEND "the end of the f-string"
%token FOPEN "'{' of a field" FCLOSE "'}' of a field"
%token AND "'and'" OR "'or'" NOT "'not'" IN "'in'" IS "'is'" IF "'if'" ELIF "'elif'"
%token ELSE "'else'"
%token FOR "'for'" TRY "'try'" EXCEPT "'except'" FINALLY "'finally'" RETURN "'return'"
%token ASSERT "'assert'" PASS "'pass'" IMPORT "'import'" FROM "'from'" AS "'as'"
%token DEF "'def'"
%token WITH "'with'" WHERE "'where'" NONE "'None'" TRUE "'True'" FALSE "'False'"
%token RESERVED "a reserved word"
%token COMPONENT "'component'" PIPELINE "'pipeline'" ENVIRONMENT "'environment'"
%token ENUM "'enum'"
%token STRUCT "'struct'" TYPE "'type'" ARTIFACT "'artifact'" CONFIG "'config'"
%token CONST "'const'"
%token SCHEDULE "'schedule'" STUB "'stub'" TEST "'test'"
%token LPAREN "'('" RPAREN "')'" LBRACKET "'['" RBRACKET "']'" LBRACE "'{'" RBRACE "'}'"
%token COMMA "','" COLON "':'" DOT "'.'" ASSIGN "'='" EQ "'=='" NE "'!='" LT "'<'"
%token LE "'<='"
%token GT "'>'" GE "'>='" PLUS "'+'" MINUS "'-'" STAR "'*'" SLASH "'/'" FLOORDIV "'//'"
%token PERCENT "'%'" POWER "'**'" ARROW "'->'" QUESTION "'?'" BAR "'|'"
/* Never part of a sentence: the layout stage takes them, or they are errors. */
%token SEMI "';'" FBROKEN "the end of the line in an f-string" FOREIGN "an operator"

/* Only for the operators of `test` and `arith`, which have no conflict in their
 * stratified form either; that costs nine reductions an operand. */
%left OR
%left AND
%precedence NOT
%left PLUS MINUS
%left STAR SLASH FLOORDIV PERCENT
%precedence SIGN
%right POWER

%nterm <struct node *> item simple compound name dotted path_file alias import_name
%nterm <struct node *> member field param output type type_base default_value where
%nterm <struct node *> result base
%nterm <struct node *> if_stmt elif for_stmt try_stmt stub_call setting arg named_arg pair
%nterm <struct node *> expr test arith postfix
%nterm <struct node *> comparison string string_part fstring filter message
%nterm bad_line bad_header
%nterm <struct list> items block settings_block members member_lines fields params
%nterm <struct list> param_list
%nterm <struct list> outputs output_list path types elifs else_part except_part
%nterm <struct list> finally_part targets
%nterm <struct list> import_names names with settings setting_lines args arg_list values
%nterm <struct list> named_args pairs exprs comparisons fparts stub_values
%nterm <int> relation

%%

file:
  %empty
| file item	{ build_top(p, $item); }
;

/* Blocks */

items:
  %empty	{ $$ = (struct list){0}; }
| items[l] item	{ $$ = build_list($l, $item); }
;

block:
  NEWLINE INDENT items DEDENT	{ $$ = $items; }
| simple NEWLINE	{ $$ = build_list((struct list){0}, $simple); }
;

item:
  simple NEWLINE
| compound
| RAW NEWLINE
| bad_line	{ $$ = build_error(p, @$); }
| bad_line INDENT items DEDENT	{ $$ = build_error(p, @$); }
;

/* Both are reduced without a look at the next token, so that an error in that is said. */
bad_line:
  error NEWLINE	{ yyerrok; }
;

bad_header:
  error COLON	{ yyerrok; }
;

simple:
  expr with	{ $$ = build_do(p, @$, $expr, $with); }
| expr[to] ASSIGN expr[value] with
	{ $$ = build_bind(p, @$, $to, NULL, $value, $with); }
| expr[to] COLON type ASSIGN expr[value] with
	{ $$ = build_bind(p, @$, $to, $type, $value, $with); }
| ASSERT expr message	{ $$ = build_assert(p, @$, $expr, $message); }
| RETURN values	{ $$ = build_return(p, @$, $values); }
| PASS	{ $$ = build_pass(p, @$); }
| IMPORT path alias	{ $$ = build_import(p, @$, $path, NULL, $alias); }
| IMPORT path_file alias
	{ $$ = build_import(p, @$, (struct list){0}, $path_file, $alias); }
| FROM path IMPORT import_names	{ $$ = build_from(p, @$, $path, NULL, $import_names); }
| FROM path_file IMPORT import_names
	{ $$ = build_from(p, @$, (struct list){0}, $path_file, $import_names); }
| ENUM name COLON members	{ $$ = build_enum(p, @$, $name, $members); }
| ENUM name COLON members COMMA	{ $$ = build_enum(p, @$, $name, $members); }
| TYPE name ASSIGN type where	{ $$ = build_typedef(p, @$, $name, $type, $where); }
| ARTIFACT name base	{ $$ = build_artifact(p, @$, $name, $base); }
| CONST name ASSIGN expr	{ $$ = build_const(p, @$, $name, NULL, $expr); }
| CONST name COLON type ASSIGN expr	{ $$ = build_const(p, @$, $name, $type, $expr); }
| STUB stub_call ARROW stub_values
	{ $$ = build_stub(p, @$, $stub_call, $stub_values, true); }
| STUB stub_call ARROW expr
	{
		struct list values = {0};

		values = build_list(values, build_arg(p, @expr, NULL, SPAN_NONE, $expr));
		$$ = build_stub(p, @$, $stub_call, values, false);
	}
| STUB stub_call
	{ $$ = build_stub(p, @$, $stub_call, (struct list){0}, false); }
;

compound:
  expr COLON NEWLINE INDENT items DEDENT
	{ $$ = build_group(p, @$, $expr, $items); }
| expr WITH COLON settings_block	{ $$ = build_do(p, @$, $expr, $settings_block); }
| expr[to] ASSIGN expr[value] WITH COLON settings_block
	{ $$ = build_bind(p, @$, $to, NULL, $value, $settings_block); }
| expr[to] COLON type ASSIGN expr[value] WITH COLON settings_block
	{ $$ = build_bind(p, @$, $to, $type, $value, $settings_block); }
| if_stmt
| for_stmt
| try_stmt
| ENVIRONMENT name COLON block
	{ $$ = build_block(p, AST_ENVIRONMENT, @$, $name, $block); }
| TEST string COLON block	{ $$ = build_block(p, AST_TEST, @$, $string, $block); }
| ENUM name COLON NEWLINE INDENT member_lines DEDENT
	{ $$ = build_enum(p, @$, $name, $member_lines); }
| STRUCT name COLON NEWLINE INDENT fields DEDENT
	{ $$ = build_struct(p, @$, $name, $fields); }
| STRUCT name COLON field
	{ $$ = build_struct(p, @$, $name, build_list((struct list){0}, $field)); }
| COMPONENT name params outputs COLON block
	{
		struct signature s = {$name, $params, $outputs};

		$$ = build_component(p, AST_COMPONENT, @$, s, $block);
	}
| PIPELINE name params outputs COLON block
	{
		struct signature s = {$name, $params, $outputs};

		$$ = build_component(p, AST_PIPELINE, @$, s, $block);
	}
| DEF name params result COLON block
	{
		struct signature s = {.name = $name, .params = $params};

		$$ = build_def(p, @$, s, $result, $block);
	}
| CONFIG name base FOR dotted COLON block
	{ $$ = build_config(p, @$, $name, $base, $dotted, $block); }
| SCHEDULE name FOR dotted COLON block
	{ $$ = build_schedule(p, @$, $name, $dotted, $block); }
| COMPONENT name bad_line
	{ $$ = build_broken(p, AST_COMPONENT, @$, $name, (struct list){0}); }
| COMPONENT name bad_line INDENT items DEDENT
	{ $$ = build_broken(p, AST_COMPONENT, @$, $name, $items); }
| PIPELINE name bad_line
	{ $$ = build_broken(p, AST_PIPELINE, @$, $name, (struct list){0}); }
| PIPELINE name bad_line INDENT items DEDENT
	{ $$ = build_broken(p, AST_PIPELINE, @$, $name, $items); }
| DEF name bad_line
	{ $$ = build_broken(p, AST_DEF, @$, $name, (struct list){0}); }
| DEF name bad_line INDENT items DEDENT
	{ $$ = build_broken(p, AST_DEF, @$, $name, $items); }
;

if_stmt:
  IF expr COLON block elifs else_part
	{ $$ = build_if(p, @$, $expr, $block, $elifs, $else_part); }
| IF bad_header block elifs else_part
	{ $$ = build_if(p, @$, build_error(p, @bad_header), $block, $elifs, $else_part); }
| IF bad_line	{ $$ = build_error(p, @$); }
;

/* Last first: build_if nests them from the inside. */
elifs:
  %empty	{ $$ = (struct list){0}; }
| elifs[l] elif	{ $$ = build_list_before($elif, $l); }
;

elif:
  ELIF expr COLON block
	{ $$ = build_if(p, @$, $expr, $block, (struct list){0}, (struct list){0}); }
| ELSE IF expr COLON block
	{
		build_say_elif(p, span_join(@ELSE, @IF));
		$$ = build_if(p, @$, $expr, $block, (struct list){0}, (struct list){0});
	}
| ELIF bad_header block
	{
		struct list none = {0};

		$$ = build_if(p, @$, build_error(p, @bad_header), $block, none, none);
	}
| ELIF bad_line	{ $$ = build_error(p, @$); }
;

else_part:
  %empty	{ $$ = (struct list){0}; }
| ELSE COLON block	{ $$ = $block; }
;

for_stmt:
  FOR targets IN expr with COLON block
	{ $$ = build_for(p, @$, $targets, $expr, $with, $block); }
| FOR bad_header block
	{
		struct list targets = build_errors(p, @bad_header);

		$$ = build_for(p, @$, targets, NULL, (struct list){0}, $block);
	}
| FOR bad_line	{ $$ = build_error(p, @$); }
;

targets:
  name	{ $$ = build_list((struct list){0}, $name); }
| targets[l] COMMA name	{ $$ = build_list($l, $name); }
;

try_stmt:
  TRY COLON block except_part finally_part
	{
		struct try_parts parts = {$block, $except_part, $finally_part};

		$$ = build_try(p, @$, @TRY, parts);
	}
;

except_part:
  %empty	{ $$ = (struct list){0}; }
| EXCEPT COLON block	{ $$ = $block; }
| EXCEPT bad_header block	{ $$ = $block; }
;

finally_part:
  %empty	{ $$ = (struct list){0}; }
| FINALLY COLON block	{ $$ = $block; }
;

/* Parts of declarations */

name:
  NAME	{ $$ = build_name(p, @$, $NAME); }
;

dotted:
  name
| dotted[object] DOT NAME	{ $$ = build_field(p, @$, $object, $NAME, @NAME); }
;

path:
  name	{ $$ = build_list((struct list){0}, $name); }
| path[l] DOT name	{ $$ = build_list($l, $name); }
;

path_file:
  STRING
;

alias:
  %empty	{ $$ = NULL; }
| AS name	{ $$ = $name; }
;

import_names:
  names
| LPAREN names RPAREN	{ $$ = $names; }
| LPAREN names COMMA RPAREN	{ $$ = $names; }
| LPAREN error RPAREN	{ yyerrok; $$ = build_errors(p, @error); }
;

names:
  import_name	{ $$ = build_list((struct list){0}, $import_name); }
| names[l] COMMA import_name	{ $$ = build_list($l, $import_name); }
;

import_name:
  NAME alias	{ $$ = build_import_name(p, @$, $NAME, $alias); }
;

members:
  member	{ $$ = build_list((struct list){0}, $member); }
| members[l] COMMA member	{ $$ = build_list($l, $member); }
;

member_lines:
  %empty	{ $$ = (struct list){0}; }
| member_lines[l] members NEWLINE	{ $$ = build_list_join($l, $members); }
| member_lines[l] members COMMA NEWLINE	{ $$ = build_list_join($l, $members); }
| member_lines[l] bad_line	{ $$ = build_list($l, build_error(p, @bad_line)); }
;

member:
  NAME	{ $$ = build_member(p, @$, $NAME, NULL); }
| NAME ASSIGN STRING	{ $$ = build_member(p, @$, $NAME, $STRING); }
;

fields:
  %empty	{ $$ = (struct list){0}; }
| fields[l] field	{ $$ = build_list($l, $field); }
;

field:
  param NEWLINE	{ $$ = $param; }
| PASS NEWLINE	{ $$ = NULL; }
| bad_line	{ $$ = build_error(p, @$); }
| bad_line INDENT items DEDENT	{ $$ = build_error(p, @$); }
;

params:
  %empty	{ build_say_params(p, @$); $$ = (struct list){0}; }
| LPAREN RPAREN	{ $$ = (struct list){0}; }
| LPAREN param_list RPAREN	{ $$ = $param_list; }
| LPAREN param_list COMMA RPAREN	{ $$ = $param_list; }
| LPAREN error RPAREN	{ yyerrok; $$ = build_errors(p, @error); }
| LPAREN param_list COMMA error RPAREN
	{ yyerrok; $$ = build_list($param_list, build_error(p, @error)); }
;

param_list:
  param	{ $$ = build_list((struct list){0}, $param); }
| param_list[l] COMMA param	{ $$ = build_list($l, $param); }
;

param:
  NAME COLON type default_value where
	{
		struct declared d = {$type, $default_value, $where};

		$$ = build_param(p, @$, $NAME, @NAME, d);
	}
| NAME default_value where
	{
		struct declared d = {NULL, $default_value, $where};

		$$ = build_param(p, @$, $NAME, @NAME, d);
	}
;

default_value:
  %empty	{ $$ = NULL; }
| ASSIGN expr	{ $$ = $expr; }
;

where:
  %empty	{ $$ = NULL; }
| WHERE expr	{ $$ = $expr; }
;

outputs:
  %empty	{ $$ = (struct list){0}; }
| ARROW type where
	{
		struct span at = span_join(@type, @where);
		struct node *output = build_single_output(p, at, $type, $where);

		$$ = build_list((struct list){0}, output);
	}
| ARROW LPAREN RPAREN	{ $$ = (struct list){0}; }
| ARROW LPAREN output_list RPAREN	{ $$ = $output_list; }
| ARROW LPAREN output_list COMMA RPAREN	{ $$ = $output_list; }
| ARROW LPAREN error RPAREN	{ yyerrok; $$ = build_errors(p, @error); }
| ARROW LPAREN output_list COMMA error RPAREN
	{ yyerrok; $$ = build_list($output_list, build_error(p, @error)); }
;

output_list:
  output	{ $$ = build_list((struct list){0}, $output); }
| output_list[l] COMMA output	{ $$ = build_list($l, $output); }
;

output:
  NAME COLON type where	{ $$ = build_output(p, @$, $NAME, @NAME, $type, $where); }
| NAME	{ $$ = build_output(p, @$, $NAME, @NAME, NULL, NULL); }
;

result:
  %empty	{ build_say_result(p, @$); $$ = build_error(p, @$); }
| ARROW type	{ $$ = $type; }
;

base:
  %empty	{ $$ = NULL; }
| LPAREN dotted RPAREN	{ $$ = $dotted; }
| LPAREN error RPAREN	{ yyerrok; $$ = build_error(p, @error); }
;

type:
  type_base
| type[elem] QUESTION	{ $$ = build_optional(p, @$, $elem); }
| type[elem] BAR type_base[other]	{ $$ = build_union(p, @$, $elem, $other); }
;

type_base:
  path	{ $$ = build_type(p, @$, $path, (struct list){0}); }
| path LBRACKET types RBRACKET	{ $$ = build_type(p, @$, $path, $types); }
| path LBRACKET types COMMA RBRACKET	{ $$ = build_type(p, @$, $path, $types); }
| path LBRACKET error RBRACKET
	{ yyerrok; $$ = build_type(p, @$, $path, build_errors(p, @error)); }
| NONE	{ $$ = build_none(p, @$); }
;

types:
  type	{ $$ = build_list((struct list){0}, $type); }
| types[l] COMMA type	{ $$ = build_list($l, $type); }
;

/* Settings, stubs, what returns */

with:
  %empty	{ $$ = (struct list){0}; }
| WITH settings	{ $$ = $settings; }
| WITH settings COMMA	{ $$ = $settings; }
;

settings:
  setting	{ $$ = build_list((struct list){0}, $setting); }
| settings[l] COMMA setting	{ $$ = build_list($l, $setting); }
;

setting:
  NAME ASSIGN expr	{ $$ = build_arg(p, @$, $NAME, @NAME, $expr); }
;

settings_block:
  NEWLINE INDENT setting_lines DEDENT	{ $$ = $setting_lines; }
;

setting_lines:
  %empty	{ $$ = (struct list){0}; }
| setting_lines[l] setting NEWLINE	{ $$ = build_list($l, $setting); }
| setting_lines[l] PASS NEWLINE	{ $$ = $l; }
| setting_lines[l] error NEWLINE
	{ yyerrok; $$ = build_list($l, build_error(p, @error)); }
| setting_lines[l] bad_line INDENT items DEDENT
	{ $$ = build_list($l, build_error(p, @bad_line)); }
;

message:
  %empty	{ $$ = NULL; }
| COMMA expr	{ $$ = $expr; }
;

values:
  %empty	{ $$ = (struct list){0}; }
| arg_list
;

stub_call:
  postfix
;

stub_values:
  LPAREN named_args RPAREN	{ $$ = $named_args; }
| LPAREN named_args COMMA RPAREN	{ $$ = $named_args; }
;

named_args:
  named_arg	{ $$ = build_list((struct list){0}, $named_arg); }
| named_args[l] COMMA named_arg	{ $$ = build_list($l, $named_arg); }
;

named_arg:
  NAME ASSIGN expr	{ $$ = build_arg(p, @$, $NAME, @NAME, $expr); }
;

/* Expressions */

expr:
  test
| test[then] IF test[cond] ELSE expr[other]
	{ $$ = build_cond(p, @$, $then, $cond, $other); }
;

test:
  arith
| arith comparisons	{ $$ = build_compare(p, @$, $arith, $comparisons); }
| NOT test[operand]	{ $$ = build_unary(p, @$, OP_NOT, @NOT, $operand); }
| test[left] AND test[right]	{ $$ = build_logic(p, AST_AND, @$, $left, $right); }
| test[left] OR test[right]	{ $$ = build_logic(p, AST_OR, @$, $left, $right); }
;

comparisons:
  comparison	{ $$ = build_list((struct list){0}, $comparison); }
| comparisons[l] comparison	{ $$ = build_list($l, $comparison); }
;

comparison:
  relation arith	{ $$ = build_comparison(p, @$, $relation, @relation, $arith); }
;

relation:
  EQ	{ $$ = OP_EQ; }
| NE	{ $$ = OP_NE; }
| LT	{ $$ = OP_LT; }
| LE	{ $$ = OP_LE; }
| GT	{ $$ = OP_GT; }
| GE	{ $$ = OP_GE; }
| IN	{ $$ = OP_IN; }
| NOT IN	{ $$ = OP_NOT_IN; }
| IS	{ $$ = OP_EQ | BUILD_IDENTITY; }
| IS NOT	{ $$ = OP_NE | BUILD_IDENTITY; }
;

arith:
  postfix
| MINUS arith[operand] %prec SIGN
	{ $$ = build_unary(p, @$, OP_NEG, @MINUS, $operand); }
| PLUS arith[operand] %prec SIGN
	{ $$ = build_unary(p, @$, OP_POS, @PLUS, $operand); }
| arith[left] PLUS[op] arith[right]
	{ $$ = build_binary(p, OP_ADD, @op, $left, $right, @$); }
| arith[left] MINUS[op] arith[right]
	{ $$ = build_binary(p, OP_SUB, @op, $left, $right, @$); }
| arith[left] STAR[op] arith[right]
	{ $$ = build_binary(p, OP_MUL, @op, $left, $right, @$); }
| arith[left] SLASH[op] arith[right]
	{ $$ = build_binary(p, OP_DIV, @op, $left, $right, @$); }
| arith[left] FLOORDIV[op] arith[right]
	{ $$ = build_binary(p, OP_FLOORDIV, @op, $left, $right, @$); }
| arith[left] PERCENT[op] arith[right]
	{ $$ = build_binary(p, OP_MOD, @op, $left, $right, @$); }
| arith[left] POWER[op] arith[right]
	{ $$ = build_binary(p, OP_POW, @op, $left, $right, @$); }
;

postfix:
  NAME	{ $$ = build_atom(p, @$, $NAME); }
| NUMBER
| string
| NONE	{ $$ = build_none(p, @$); }
| TRUE	{ $$ = build_bool(p, @$, true); }
| FALSE	{ $$ = build_bool(p, @$, false); }
| LPAREN expr RPAREN	{ $$ = $expr; }
| LPAREN error RPAREN	{ yyerrok; $$ = build_error(p, @$); }
| LBRACKET exprs RBRACKET	{ $$ = build_items(p, AST_LIST, @$, $exprs); }
| LBRACKET exprs COMMA RBRACKET	{ $$ = build_items(p, AST_LIST, @$, $exprs); }
| LBRACKET RBRACKET	{ $$ = build_items(p, AST_LIST, @$, (struct list){0}); }
| LBRACKET error RBRACKET	{ yyerrok; $$ = build_error(p, @$); }
| LBRACKET expr FOR targets IN test filter RBRACKET
	{
		struct filtered from = {$test, $filter};

		$$ = build_comprehension(p, @$, $expr, $targets, from);
	}
| LBRACE pairs RBRACE	{ $$ = build_items(p, AST_DICT, @$, $pairs); }
| LBRACE pairs COMMA RBRACE	{ $$ = build_items(p, AST_DICT, @$, $pairs); }
| LBRACE RBRACE	{ $$ = build_items(p, AST_DICT, @$, (struct list){0}); }
| LBRACE error RBRACE	{ yyerrok; $$ = build_error(p, @$); }
| postfix[object] DOT NAME	{ $$ = build_field(p, @$, $object, $NAME, @NAME); }
| postfix[callee] args	{ $$ = build_call(p, @$, $callee, $args); }
| postfix[object] LBRACKET expr[at] RBRACKET	{ $$ = build_index(p, @$, $object, $at); }
| postfix[object] LBRACKET error RBRACKET
	{ yyerrok; $$ = build_index(p, @$, $object, build_error(p, @error)); }
;

filter:
  %empty	{ $$ = NULL; }
| IF test	{ $$ = $test; }
;

exprs:
  expr	{ $$ = build_list((struct list){0}, $expr); }
| exprs[l] COMMA expr	{ $$ = build_list($l, $expr); }
;

pairs:
  pair	{ $$ = build_list((struct list){0}, $pair); }
| pairs[l] COMMA pair	{ $$ = build_list($l, $pair); }
;

pair:
  expr[key] COLON expr[value]	{ $$ = build_pair(p, @$, $key, $value); }
;

args:
  LPAREN RPAREN	{ $$ = (struct list){0}; }
| LPAREN arg_list RPAREN	{ $$ = $arg_list; }
| LPAREN arg_list COMMA RPAREN	{ $$ = $arg_list; }
| LPAREN error RPAREN	{ yyerrok; $$ = build_errors(p, @error); }
| LPAREN arg_list COMMA error RPAREN
	{ yyerrok; $$ = build_list($arg_list, build_error(p, @error)); }
;

arg_list:
  arg	{ $$ = build_list((struct list){0}, $arg); }
| arg_list[l] COMMA arg	{ $$ = build_list($l, $arg); }
;

arg:
  expr	{ $$ = build_arg(p, @$, NULL, SPAN_NONE, $expr); }
| NAME ASSIGN expr	{ $$ = build_arg(p, @$, $NAME, @NAME, $expr); }
;

string:
  string_part
| string[left] string_part[right]	{ $$ = build_adjacent(p, @$, $left, $right); }
;

string_part:
  STRING
| fstring
;

fstring:
  FSTART fparts FEND	{ $$ = build_fstring(p, @$, $fparts); }
| FSTART fparts error FEND	{ yyerrok; $$ = build_error(p, @$); }
;

fparts:
  %empty	{ $$ = (struct list){0}; }
| fparts[l] FTEXT	{ $$ = build_list($l, $FTEXT); }
| fparts[l] FOPEN expr FCLOSE
	{
		struct span at = span_join(@FOPEN, @FCLOSE);

		$$ = build_list($l, build_format(p, at, $expr, NULL));
	}
| fparts[l] FOPEN expr FSPEC FCLOSE
	{
		struct span at = span_join(@FOPEN, @FCLOSE);

		$$ = build_list($l, build_format(p, at, $expr, $FSPEC));
	}
| fparts[l] FOPEN error FCLOSE	{ yyerrok; $$ = build_list($l, build_error(p, @error)); }
;

%%

static int yylex(YYSTYPE *value, YYLTYPE *at, struct parser *p)
{
	struct token t;

	layout_next(p, &t);
	*at = t.at;
	if (t.kind == STRING || t.kind == NUMBER || t.kind == RAW || t.kind == FTEXT ||
	    t.kind == FSPEC)
		value->STRING = t.node;
	else
		value->NAME = t.sym;
	return t.kind;
}

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parser *p)
{
	yysymbol_kind_t kinds[YYNTOKENS];
	bool expected[YYNTOKENS] = {0};
	int n = yypcontext_expected_tokens(ctx, kinds, YYNTOKENS);

	for (int i = 0; i < n; i++)
		expected[kinds[i]] = true;
	syntax_error(p, expected);
	return 0;
}

/* Only for a stack that would grow beyond YYMAXDEPTH. */
static void yyerror(YYLTYPE *at, struct parser *p, const char *message)
{
	(void)message;
	diag(p->ctx->diags, *at, E0110, "nested too deeply");
}

int front_parse(struct parser *p)
{
	return yyparse(p);
}
