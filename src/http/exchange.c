#include "http/exchange.h"

#include "base/random.h"
#include "base/secret.h"
#include "http/address.h"
#include "http/server.h"

#include <stddef.h>
#include <stdlib.h>

/* A body up to this size is expected in one piece and kept in the arena. */
#define BODY_SMALL 4096

void exchange_pool_open(struct exchange_pool *pool)
{
	*pool = (struct exchange_pool) { .first = NULL };
	pthread_mutex_init(&pool->lock, NULL);
}

static void exchange_free(struct exchange *exchange)
{
	arena_free(exchange->request.arena);
	free(exchange);
}

void exchange_pool_close(struct exchange_pool *pool)
{
	while (pool->first != NULL) {
		struct exchange *exchange = pool->first;
		pool->first = exchange->next;
		exchange_free(exchange);
	}
	pthread_mutex_destroy(&pool->lock);
}

static struct exchange *exchange_new(void)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	if (exchange == NULL)
		return NULL;
	exchange->request.arena = arena_new(LIMIT_REQUEST_ARENA_FIRST, LIMIT_REQUEST_ARENA_MAX);
	if (exchange->request.arena == NULL) {
		free(exchange);
		return NULL;
	}
	return exchange;
}

/* 130 bits in Crockford's base 32: no two letters that look alike when read out to an operator. */
static void id_print(char id[REQUEST_ID_SIZE + 1])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char bytes[(REQUEST_ID_SIZE * 5 + 7) / 8];
	random_bytes(bytes, sizeof bytes);
	unsigned bits = 0;
	unsigned have = 0;
	size_t next = 0;
	for (size_t i = 0; i < REQUEST_ID_SIZE; i++) {
		if (have < 5) {
			bits = bits << 8 | bytes[next++];
			have += 8;
		}
		have -= 5;
		id[i] = digits[bits >> have & 31];
	}
	id[REQUEST_ID_SIZE] = '\0';
}

struct exchange *exchange_take(struct exchange_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct exchange *exchange = pool->first;
	if (exchange != NULL) {
		pool->first = exchange->next;
		pool->count--;
	}
	pthread_mutex_unlock(&pool->lock);
	if (exchange == NULL)
		exchange = exchange_new();
	if (exchange == NULL)
		return NULL;
	struct arena *arena = exchange->request.arena;
	/* the headers behind are counted by request.header_count: no need to empty them */
	memset(exchange, 0, offsetof(struct exchange, headers));
	atomic_init(&exchange->holders, 1);
	id_print(exchange->id);
	exchange->request.arena = arena;
	exchange->request.headers = exchange->headers;
	exchange->request.id = (struct slice) { exchange->id, REQUEST_ID_SIZE };
	exchange->request.method = HTTP_OTHER;
	return exchange;
}

void exchange_hold(struct exchange *exchange)
{
	atomic_fetch_add(&exchange->holders, 1);
}

/* ---- places for bodies ------------------------------------------------------------------------------------------ */

void body_places_open(struct body_places *places, size_t count, size_t each)
{
	*places = (struct body_places) { .count = count, .each = each };
	pthread_mutex_init(&places->lock, NULL);
}

void body_places_close(struct body_places *places)
{
	pthread_mutex_destroy(&places->lock);
}

/* The number of a place that this client may take, under the lock; 0: there is none. */
static size_t place_find(const struct body_places *places, struct slice client)
{
	size_t found = 0;
	size_t own = 0;
	for (size_t i = 0; i < places->count; i++) {
		const struct body_place *place = &places->places[i];
		if (!place->taken)
			found = i + 1;
		else if (slice_equal((struct slice) { place->client, place->len }, client))
			own++;
	}
	return own < places->each ? found : 0;
}

static bool place_take(struct body_places *places, struct slice client, size_t *has)
{
	if (*has > 0)
		return true;
	pthread_mutex_lock(&places->lock);
	*has = place_find(places, client);
	if (*has > 0) {
		struct body_place *place = &places->places[*has - 1];
		*place = (struct body_place) { .taken = true, .len = client.len < sizeof place->client ? client.len : sizeof place->client };
		memcpy(place->client, client.ptr == NULL ? "" : client.ptr, place->len);
	}
	pthread_mutex_unlock(&places->lock);
	return *has > 0;
}

static void place_give(struct body_places *places, size_t number)
{
	pthread_mutex_lock(&places->lock);
	places->places[number - 1].taken = false;
	pthread_mutex_unlock(&places->lock);
}

static bool place_is_free(struct body_places *places, struct slice client)
{
	pthread_mutex_lock(&places->lock);
	const bool is_free = place_find(places, client) > 0;
	pthread_mutex_unlock(&places->lock);
	return is_free;
}

bool exchange_body_has_place(struct exchange *exchange, uint64_t size)
{
	struct http_server *server = exchange->server;
	struct in6_addr network;
	const struct slice client = address_client(exchange->request.address, &network);
	return (size <= LIMIT_FORM_SIZE || place_is_free(&server->long_bodies, client)) &&
	       (size <= LIMIT_ADMIN_BODY_SIZE || place_is_free(&server->large_bodies, client));
}

static bool body_place(struct exchange *exchange, size_t size)
{
	struct http_server *server = exchange->server;
	struct in6_addr network;
	const struct slice client = address_client(exchange->request.address, &network);
	return (size <= LIMIT_FORM_SIZE || place_take(&server->long_bodies, client, &exchange->long_place)) &&
	       (size <= LIMIT_ADMIN_BODY_SIZE || place_take(&server->large_bodies, client, &exchange->large_place));
}

/* ---- bodies ----------------------------------------------------------------------------------------------------- */

static void body_forget(struct exchange *exchange)
{
	if (!exchange->body_on_heap)
		return;
	wipe(exchange->body, exchange->body_capacity);
	free(exchange->body);
	exchange->body_on_heap = false;
}

void exchange_release(struct exchange_pool *pool, struct exchange *exchange)
{
	if (atomic_fetch_sub(&exchange->holders, 1) != 1)
		return;
	body_forget(exchange);
	if (exchange->large_place > 0)
		place_give(&exchange->server->large_bodies, exchange->large_place);
	if (exchange->long_place > 0)
		place_give(&exchange->server->long_bodies, exchange->long_place);
	arena_reset(exchange->request.arena);
	pthread_mutex_lock(&pool->lock);
	bool keep = pool->count < LIMIT_IDLE_EXCHANGES;
	if (keep) {
		exchange->next = pool->first;
		pool->first = exchange;
		pool->count++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!keep)
		exchange_free(exchange);
}

/* The usual body comes in one piece and gets exactly its size; a longer one doubles its room. */
static size_t body_capacity(const struct exchange *exchange, size_t needed)
{
	if (exchange->body == NULL && needed <= BODY_SMALL)
		return needed;
	size_t capacity = exchange->body_capacity < BODY_SMALL ? BODY_SMALL : exchange->body_capacity;
	while (capacity < needed)
		capacity *= 2;
	size_t max = exchange->match.route->body_max;
	return capacity < max ? capacity : max;
}

static enum result body_grow(struct exchange *exchange, size_t needed)
{
	size_t capacity = body_capacity(exchange, needed);
	bool on_heap = capacity > BODY_SMALL;
	char *bytes = on_heap ? malloc(capacity) : arena_alloc(exchange->request.arena, capacity);
	if (bytes == NULL)
		return RESULT_NO_MEMORY;
	if (exchange->request.body.len > 0)
		memcpy(bytes, exchange->request.body.ptr, exchange->request.body.len);
	body_forget(exchange);
	exchange->body = bytes;
	exchange->body_on_heap = on_heap;
	exchange->body_capacity = capacity;
	return RESULT_OK;
}

enum result exchange_body_add(struct exchange *exchange, const char *bytes, size_t size)
{
	struct slice *body = &exchange->request.body;
	if (size > exchange->match.route->body_max - body->len)
		return RESULT_TOO_LARGE;
	if (!body_place(exchange, body->len + size))
		return RESULT_BUSY;
	if (exchange->body == NULL || size > exchange->body_capacity - body->len) {
		enum result result = body_grow(exchange, body->len + size);
		if (result != RESULT_OK)
			return result;
	}
	memcpy(exchange->body + body->len, bytes, size);
	*body = (struct slice) { exchange->body, body->len + size };
	return RESULT_OK;
}

bool exchange_detach(struct exchange *exchange)
{
	struct http_request *request = &exchange->request;
	for (size_t i = 0; i < request->header_count; i++) {
		struct http_header *header = &exchange->headers[i];
		*header = (struct http_header) { arena_copy(request->arena, header->name), arena_copy(request->arena, header->value) };
	}
	request->method_name = arena_copy(request->arena, request->method_name);
	request->address = arena_copy(request->arena, request->address);
	return !arena_exhausted(request->arena);
}
