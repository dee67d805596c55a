#include "base/arena.h"

#include <sodium.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *first;
	struct block *last;
	size_t used;
	size_t max;
	bool exhausted;
};

static struct block *block_new(size_t size)
{
	struct block *block = malloc(sizeof *block + size);
	if (block != NULL) {
		block->next = NULL;
		block->size = size;
		block->used = 0;
	}
	return block;
}

static void block_free(struct block *block)
{
	sodium_memzero(block->bytes, block->used);
	free(block);
}

struct arena *arena_new(size_t first, size_t max)
{
	struct arena *arena = malloc(sizeof *arena);
	if (arena == NULL)
		return NULL;
	struct block *block = block_new(first);
	if (block == NULL) {
		free(arena);
		return NULL;
	}
	*arena = (struct arena) { .first = block, .last = block, .max = max };
	return arena;
}

static void free_all_but_first(struct arena *arena)
{
	struct block *block = arena->first->next;
	while (block != NULL) {
		struct block *next = block->next;
		block_free(block);
		block = next;
	}
	arena->first->next = NULL;
	arena->last = arena->first;
}

void arena_reset(struct arena *arena)
{
	free_all_but_first(arena);
	sodium_memzero(arena->first->bytes, arena->first->used);
	arena->first->used = 0;
	arena->used = 0;
	arena->exhausted = false;
}

void arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	free_all_but_first(arena);
	block_free(arena->first);
	free(arena);
}

static struct block *block_for(struct arena *arena, size_t size)
{
	struct block *block = arena->last;
	if (block->size - block->used >= size)
		return block;
	size_t grown = arena->first->size > size ? arena->first->size : size;
	struct block *added = block_new(grown);
	if (added != NULL) {
		block->next = added;
		arena->last = added;
	}
	return added;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (arena->exhausted || size > SIZE_MAX - align)
		goto exhausted;
	size_t rounded = (size + align - 1) / align * align;
	if (rounded > arena->max - arena->used)
		goto exhausted;
	struct block *block = block_for(arena, rounded);
	if (block == NULL)
		goto exhausted;
	char *bytes = block->bytes + block->used;
	block->used += rounded;
	arena->used += rounded;
	memset(bytes, 0, rounded);
	return bytes;
exhausted:
	arena->exhausted = true;
	return NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes)) {
		arena->exhausted = true;
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

struct slice arena_copy(struct arena *arena, struct slice slice)
{
	char *bytes = arena_alloc(arena, slice.len + 1);
	if (bytes == NULL)
		return (struct slice) { NULL, 0 };
	if (slice.len > 0)
		memcpy(bytes, slice.ptr, slice.len);
	return (struct slice) { bytes, slice.len };
}

struct slice arena_print(struct arena *arena, const char *format, ...)
{
	struct slice none = { NULL, 0 };
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return none;
	char *bytes = arena_alloc(arena, (size_t)length + 1);
	if (bytes == NULL)
		return none;
	va_start(args, format);
	vsnprintf(bytes, (size_t)length + 1, format, args);
	va_end(args);
	return (struct slice) { bytes, (size_t)length };
}

bool arena_exhausted(const struct arena *arena)
{
	return arena->exhausted;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
