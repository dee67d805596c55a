#include "gateway/catalogue_tree.h"

#include "base/limits.h"
#include "base/random.h"

#include <stdalign.h>
#include <stdlib.h>

#define CACHE_LINE 64
#define TEXT_INSIDE 32 /* what is left of a cache line */

/* One segment at one place of the tree, in a cache line of its own. Node 0 is the root, which is nobody's child: so 0 stands for none. */
struct node {
	uint32_t parent;
	uint32_t len; /* of the text: a literal segment's */
	union {
		char inside[TEXT_INSIDE];
		const char *outside;
	} text;
	uint32_t table;    /* its literal children: index of the first of its slots, */
	uint32_t mask;     /* of which there are so many and one; 0: it has none */
	uint32_t variable; /* the child that any segment leads to */
	uint32_t patterns; /* 1 + index of the first child with literal parts around a variable */
	uint32_t methods;  /* of the leaf; 0: no path ends here */
	uint32_t first;
};
_Static_assert(sizeof(struct node) == CACHE_LINE, "a node is one cache line");

struct pattern {
	struct slice text; /* "{}.json" */
	uint32_t parent, node;
	uint32_t literals; /* bytes of it that are no variables */
	bool last;         /* of its parent's */
};

/* A literal child, found by the hash of its text. The slots of one node stand together, those of neighbours beside each other. */
struct slot {
	uint32_t tag, node; /* node 0: free */
};

struct tree {
	struct node *nodes;
	size_t node_count;
	struct slot *slots;
	struct pattern *patterns;
	size_t pattern_count;
	uint64_t seed; /* so that nobody can choose names that fall on each other */
};

/* ---- hashing ------------------------------------------------------------------------------------------------------ */

__extension__ typedef unsigned __int128 wide;

static uint64_t mixed(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#define ODD UINT64_C(0x9e3779b97f4a7c15)

static uint64_t text_hash(uint64_t seed, struct slice text)
{
	uint64_t hash = seed ^ text.len;
	while (text.len > 0) {
		uint64_t word = 0;
		size_t len = text.len < sizeof word ? text.len : sizeof word;
		memcpy(&word, text.ptr, len);
		hash = mixed(hash ^ word, ODD);
		text = slice_skip(text, len);
	}
	return hash;
}

/* ---- building ----------------------------------------------------------------------------------------------------- */

static bool is_variable(struct slice segment)
{
	return slice_is(segment, SHAPE_VARIABLE);
}

static bool is_pattern(struct slice segment)
{
	return !is_variable(segment) && segment.len > 0 && memchr(segment.ptr, '{', segment.len) != NULL;
}

static struct slice node_text(const struct node *node)
{
	return (struct slice) { node->len <= TEXT_INSIDE ? node->text.inside : node->text.outside, node->len };
}

static void node_text_set(struct node *node, struct slice text)
{
	node->len = (uint32_t)text.len;
	if (text.len <= TEXT_INSIDE)
		memcpy(node->text.inside, text.ptr, text.len);
	else
		node->text.outside = text.ptr;
}

static uint32_t node_add(struct tree *tree, uint32_t parent, struct slice segment)
{
	const uint32_t added = (uint32_t)tree->node_count++;
	tree->nodes[added].parent = parent;
	if (is_variable(segment)) {
		tree->nodes[parent].variable = added;
	} else if (is_pattern(segment)) {
		uint32_t literals = 0;
		for (size_t i = 0; i < segment.len; i++)
			literals += segment.ptr[i] != '{' && segment.ptr[i] != '}';
		tree->patterns[tree->pattern_count++] = (struct pattern) { .text = segment, .parent = parent, .node = added, .literals = literals };
	} else {
		node_text_set(&tree->nodes[added], segment);
		tree->nodes[parent].mask++; /* a count, until the tables are made */
	}
	return added;
}

/* The nodes of one leaf's path, of which the first are shared with the leaf before. */
struct branch {
	struct slice segments[LIMIT_CATALOGUE_SEGMENTS];
	uint32_t nodes[LIMIT_CATALOGUE_SEGMENTS + 1]; /* the root first */
	size_t count;
};

/* Takes up the next leaf's segments: how many of them are those of the leaf before. */
static size_t branch_follow(struct branch *branch, struct slice shape)
{
	struct slice segment;
	size_t depth = 0, shared = 0;
	while (shape.len > 0 && depth < LIMIT_CATALOGUE_SEGMENTS && slice_cut(&shape, SHAPE_SEPARATOR, &segment)) {
		if (shared == depth && depth < branch->count && slice_equal(branch->segments[depth], segment))
			shared++;
		branch->segments[depth++] = segment;
	}
	branch->count = depth;
	return shared;
}

static void branch_add(struct tree *tree, struct branch *branch, const struct tree_leaf *leaf)
{
	for (size_t depth = branch_follow(branch, leaf->shape); depth < branch->count; depth++)
		branch->nodes[depth + 1] = node_add(tree, branch->nodes[depth], branch->segments[depth]);
	tree->nodes[branch->nodes[branch->count]].methods = leaf->methods;
	tree->nodes[branch->nodes[branch->count]].first = leaf->first;
}

static void tree_measure(const struct tree_leaf *leaves, size_t count, size_t *ret_nodes, size_t *ret_patterns)
{
	struct branch branch = { .count = 0 };
	for (size_t i = 0; i < count; i++) {
		for (size_t depth = branch_follow(&branch, leaves[i].shape); depth < branch.count; depth++) {
			(*ret_nodes)++;
			*ret_patterns += is_pattern(branch.segments[depth]);
		}
	}
}

/* By parent; of one parent the longer literal first. */
static int pattern_compare(const void *a, const void *b)
{
	const struct pattern *one = a, *other = b;
	if (one->parent != other->parent)
		return one->parent < other->parent ? -1 : 1;
	if (one->literals != other->literals)
		return one->literals > other->literals ? -1 : 1;
	size_t len = one->text.len < other->text.len ? one->text.len : other->text.len;
	int order = memcmp(one->text.ptr, other->text.ptr, len);
	return order != 0 ? order : one->text.len < other->text.len ? -1 : 1;
}

static void patterns_settle(struct tree *tree)
{
	if (tree->pattern_count > 0)
		qsort(tree->patterns, tree->pattern_count, sizeof *tree->patterns, pattern_compare);
	for (size_t i = tree->pattern_count; i > 0; i--) {
		struct pattern *pattern = &tree->patterns[i - 1];
		pattern->last = tree->nodes[pattern->parent].patterns == 0;
		tree->nodes[pattern->parent].patterns = (uint32_t)i;
	}
}

/* Is it found by its text, in the table of its parent? */
static bool is_literal(const struct tree *tree, uint32_t node)
{
	return node != 0 && tree->nodes[node].len > 0;
}

/* At most half of a node's slots are taken. */
static enum result tables_make(struct tree *tree)
{
	size_t slots = 0;
	for (size_t i = 0; i < tree->node_count; i++) {
		struct node *node = &tree->nodes[i];
		uint32_t size = node->mask == 0 ? 0 : 2;
		while (size < 2 * node->mask)
			size *= 2;
		node->table = (uint32_t)slots;
		node->mask = size == 0 ? 0 : size - 1;
		slots += size;
	}
	tree->slots = slots > UINT32_MAX ? NULL : calloc(slots + 1, sizeof *tree->slots);
	if (tree->slots == NULL)
		return RESULT_NO_MEMORY;
	for (uint32_t i = 0; i < tree->node_count; i++) {
		if (!is_literal(tree, i))
			continue;
		const struct node *parent = &tree->nodes[tree->nodes[i].parent];
		const uint64_t hash = text_hash(tree->seed, node_text(&tree->nodes[i]));
		uint64_t at = hash & parent->mask;
		while (tree->slots[parent->table + at].node != 0)
			at = (at + 1) & parent->mask;
		tree->slots[parent->table + at] = (struct slot) { (uint32_t)(hash >> 32), i };
	}
	return RESULT_OK;
}

static enum result tree_allocate(struct tree *tree, size_t nodes, size_t patterns)
{
	if (nodes > UINT32_MAX / 4)
		return RESULT_TOO_LARGE;
	tree->nodes = aligned_alloc(CACHE_LINE, nodes * sizeof *tree->nodes);
	tree->patterns = calloc(patterns + 1, sizeof *tree->patterns);
	if (tree->nodes == NULL || tree->patterns == NULL)
		return RESULT_NO_MEMORY;
	memset(tree->nodes, 0, nodes * sizeof *tree->nodes);
	tree->node_count = 1;
	return RESULT_OK;
}

enum result tree_build(const struct tree_leaf *leaves, size_t count, struct tree **ret)
{
	struct branch branch = { .count = 0 };
	size_t nodes = 1, patterns = 0;
	struct tree *tree = calloc(1, sizeof *tree);
	if (tree == NULL)
		return RESULT_NO_MEMORY;
	tree_measure(leaves, count, &nodes, &patterns);
	random_bytes(&tree->seed, sizeof tree->seed);
	enum result result = tree_allocate(tree, nodes, patterns);
	for (size_t i = 0; i < count && result == RESULT_OK; i++)
		branch_add(tree, &branch, &leaves[i]);
	if (result == RESULT_OK) {
		patterns_settle(tree);
		result = tables_make(tree);
	}
	if (result == RESULT_OK)
		*ret = tree;
	else
		tree_free(tree);
	return result;
}

void tree_free(struct tree *tree)
{
	if (tree == NULL)
		return;
	free(tree->nodes);
	free(tree->slots);
	free(tree->patterns);
	free(tree);
}

/* ---- finding ------------------------------------------------------------------------------------------------------ */

struct walk {
	const struct tree *tree;
	struct slice segments[LIMIT_CATALOGUE_SEGMENTS];
	size_t count;
	unsigned tries;
};

static uint32_t literal_child(const struct tree *tree, const struct node *parent, struct slice segment)
{
	if (parent->mask == 0)
		return 0;
	const uint64_t hash = text_hash(tree->seed, segment);
	const uint32_t tag = (uint32_t)(hash >> 32);
	const struct slot *slots = &tree->slots[parent->table];
	for (uint64_t at = hash & parent->mask; slots[at].node != 0; at = (at + 1) & parent->mask)
		if (slots[at].tag == tag && slice_equal(node_text(&tree->nodes[slots[at].node]), segment))
			return slots[at].node;
	return 0;
}

/* Where the literal begins in the text; len when it is not there. */
static size_t find_in(struct slice text, struct slice literal)
{
	for (size_t at = 0; at + literal.len <= text.len; at++)
		if (literal.len == 0 || memcmp(text.ptr + at, literal.ptr, literal.len) == 0)
			return at;
	return text.len;
}

/* The pattern's literals in their order, at least one character for each variable between them. Literals in the middle
 * are taken as early as they come, which leaves the most for the others. */
static bool pattern_matches(struct slice pattern, struct slice segment)
{
	const char *brace = memchr(pattern.ptr, '{', pattern.len);
	struct slice literal = slice_first(pattern, (size_t)(brace - pattern.ptr));
	if (!slice_starts_with(segment, literal))
		return false;
	segment = slice_skip(segment, literal.len);
	pattern = slice_skip(pattern, literal.len);
	while (pattern.len > 0) {
		pattern = slice_skip(pattern, sizeof SHAPE_VARIABLE - 1);
		if (segment.len == 0)
			return false;
		segment = slice_skip(segment, 1);
		brace = pattern.len == 0 ? NULL : memchr(pattern.ptr, '{', pattern.len);
		if (brace == NULL) /* what is left stands at the end */
			return slice_ends_with(segment, pattern);
		literal = slice_first(pattern, (size_t)(brace - pattern.ptr));
		size_t at = find_in(segment, literal);
		if (at + literal.len > segment.len)
			return false;
		segment = slice_skip(segment, at + literal.len);
		pattern = slice_skip(pattern, literal.len);
	}
	return true;
}

/* The node where the rest of the path ends; NULL: nowhere below this one. At most LIMIT_CATALOGUE_SEGMENTS deep. */
static const struct node *descend(struct walk *walk, uint32_t from, size_t depth)
{
	const struct tree *tree = walk->tree;
	const struct node *node = &tree->nodes[from], *found = NULL;
	if (++walk->tries > LIMIT_CATALOGUE_TRIES)
		return NULL;
	if (depth == walk->count)
		return node->methods == 0 ? NULL : node;
	struct slice segment = walk->segments[depth];
	uint32_t child = literal_child(tree, node, segment);
	if (child != 0)
		found = descend(walk, child, depth + 1);
	const struct pattern *pattern = node->patterns == 0 ? NULL : &tree->patterns[node->patterns - 1];
	while (found == NULL && pattern != NULL && ++walk->tries <= LIMIT_CATALOGUE_TRIES) {
		if (pattern_matches(pattern->text, segment))
			found = descend(walk, pattern->node, depth + 1);
		pattern = pattern->last ? NULL : pattern + 1;
	}
	if (found == NULL && node->variable != 0 && segment.len > 0)
		found = descend(walk, node->variable, depth + 1);
	return found;
}

static struct slice without_parameter(struct slice segment)
{
	const char *semicolon = segment.len == 0 ? NULL : memchr(segment.ptr, ';', segment.len);
	return semicolon == NULL ? segment : slice_first(segment, (size_t)(semicolon - segment.ptr));
}

bool tree_find(const struct tree *tree, struct slice path, bool without_parameters, uint32_t *ret_methods, uint32_t *ret_first)
{
	struct walk walk; /* the segments are filled as far as they are read */
	struct slice rest, segment;
	if (path.len == 0 || path.ptr[0] != '/')
		return false;
	walk.tree = tree;
	walk.count = 0;
	walk.tries = 0;
	rest = slice_skip(path, 1);
	while (path.len > 1 && slice_cut(&rest, '/', &segment)) {
		if (walk.count == LIMIT_CATALOGUE_SEGMENTS)
			return false;
		walk.segments[walk.count++] = without_parameters ? without_parameter(segment) : segment;
	}
	const struct node *node = descend(&walk, 0, 0);
	if (node == NULL)
		return false;
	*ret_methods = node->methods;
	*ret_first = node->first;
	return true;
}
