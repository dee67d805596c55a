#include "http/address.h"

#include "base/limits.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define ADDRESS_BITS 128
#define MAPPED_BITS 96

/* An IPv4 address is kept as its IPv4-mapped IPv6 one (RFC 4291 §2.5.5.2), so that both compare alike. */
struct address {
	unsigned char bytes[16];
};

struct block {
	struct address address;
	unsigned prefix;
};

struct address_list {
	size_t count;
	struct block blocks[];
};

static bool address_is_mapped(const struct address *address)
{
	static const unsigned char front[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	return memcmp(address->bytes, front, sizeof front) == 0;
}

static void address_from_v4(const void *four, struct address *ret)
{
	memset(ret->bytes, 0, 10);
	memset(ret->bytes + 10, 0xff, 2);
	memcpy(ret->bytes + 12, four, 4);
}

static bool address_parse(struct slice text, struct address *ret)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char v4[4];
	if (text.len == 0 || text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	text_copy(copy, sizeof copy, text);
	if (inet_pton(AF_INET, copy, v4) == 1) {
		address_from_v4(v4, ret);
		return true;
	}
	return inet_pton(AF_INET6, copy, ret->bytes) == 1;
}

static bool address_from_socket(const struct sockaddr *peer, struct address *ret)
{
	if (peer != NULL && peer->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, peer, sizeof v4);
		address_from_v4(&v4.sin_addr, ret);
		return true;
	}
	if (peer != NULL && peer->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, peer, sizeof v6);
		memcpy(ret->bytes, &v6.sin6_addr, sizeof ret->bytes);
		return true;
	}
	return false;
}

static size_t address_write(const struct address *address, char text[INET6_ADDRSTRLEN])
{
	const char *written = address_is_mapped(address) ? inet_ntop(AF_INET, address->bytes + 12, text, INET6_ADDRSTRLEN)
	                                                 : inet_ntop(AF_INET6, address->bytes, text, INET6_ADDRSTRLEN);
	return written == NULL ? 0 : strlen(text);
}

size_t address_print(const struct sockaddr *peer, char text[INET6_ADDRSTRLEN])
{
	struct address address;
	text[0] = '\0';
	return address_from_socket(peer, &address) ? address_write(&address, text) : 0;
}

static void address_keep(struct address *address, unsigned prefix)
{
	for (unsigned i = 0; i < sizeof address->bytes; i++) {
		unsigned kept = prefix > i * 8 ? prefix - i * 8 : 0;
		if (kept < 8)
			address->bytes[i] &= (unsigned char)(0xff << (8 - kept));
	}
}

static bool block_parse(struct slice text, struct block *ret)
{
	struct slice rest = text;
	struct slice address;
	int64_t prefix = ADDRESS_BITS;
	if (!slice_cut(&rest, '/', &address) || !address_parse(address, &ret->address))
		return false;
	bool v4 = memchr(address.ptr, ':', address.len) == NULL;
	if (rest.ptr != NULL) {
		if (rest.len > 3 || text_to_int(rest, v4 ? ADDRESS_BITS - MAPPED_BITS : ADDRESS_BITS, &prefix) != RESULT_OK)
			return false;
		prefix += v4 ? MAPPED_BITS : 0;
	}
	ret->prefix = (unsigned)prefix;
	address_keep(&ret->address, ret->prefix);
	return true;
}

static bool is_separator(char c)
{
	return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n';
}

static bool entry_next(struct slice *rest, struct slice *ret)
{
	while (rest->len > 0) {
		size_t length = 0;
		while (length < rest->len && !is_separator(rest->ptr[length]))
			length++;
		*ret = slice_first(*rest, length);
		*rest = slice_skip(*rest, length < rest->len ? length + 1 : length);
		if (length > 0)
			return true;
	}
	return false;
}

enum result address_list_parse(struct slice text, struct address_list **ret, struct problem *problem)
{
	struct slice rest = text;
	struct slice entry;
	size_t count = 0;
	while (count <= LIMIT_TRUSTED_PROXIES && entry_next(&rest, &entry))
		count++;
	if (count > LIMIT_TRUSTED_PROXIES)
		return problem_set(problem, RESULT_INVALID, "more than %d addresses in a list: join them to blocks",
		                   LIMIT_TRUSTED_PROXIES);
	struct address_list *list = calloc(1, sizeof *list + count * sizeof list->blocks[0]);
	if (list == NULL)
		return RESULT_NO_MEMORY;
	for (rest = text; list->count < count && entry_next(&rest, &entry); list->count++) {
		if (block_parse(entry, &list->blocks[list->count]))
			continue;
		address_list_free(list);
		return problem_set(problem, RESULT_INVALID, "%.*s is no IP address or block: write 10.0.0.1, 10.0.0.0/8 or fd00::/8",
		                   (int)(entry.len < 80 ? entry.len : 80), entry.ptr);
	}
	*ret = list;
	return RESULT_OK;
}

void address_list_free(struct address_list *list)
{
	free(list);
}

static bool list_has(const struct address_list *list, const struct address *address)
{
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		const struct block *block = &list->blocks[i];
		/* ::/0 and its like mean IPv6 alone */
		if (address_is_mapped(address) && block->prefix < MAPPED_BITS)
			continue;
		struct address masked = *address;
		address_keep(&masked, block->prefix);
		if (memcmp(&masked, &block->address, sizeof masked) == 0)
			return true;
	}
	return false;
}

bool address_list_has(const struct address_list *list, struct slice text)
{
	struct address address;
	return address_parse(text, &address) && list_has(list, &address);
}

/* The last entry that is not trusted; what stands in front of it was written by who knows whom. */
static void follow_forwarded(struct slice forwarded_for, const struct address_list *trusted, struct address *client)
{
	struct slice rest = forwarded_for;
	for (int hops = 0; hops < LIMIT_FORWARDED_HOPS && rest.len > 0 && list_has(trusted, client); hops++) {
		const char *comma = memrchr(rest.ptr, ',', rest.len);
		size_t start = comma == NULL ? 0 : (size_t)(comma - rest.ptr) + 1;
		struct address entry;
		if (!address_parse(slice_trim(slice_skip(rest, start)), &entry))
			return;
		*client = entry;
		rest = slice_first(rest, start == 0 ? 0 : start - 1);
	}
}

struct slice address_of_client(struct arena *arena, const struct sockaddr *peer, struct slice forwarded_for,
                               const struct address_list *trusted)
{
	struct address client;
	if (!address_from_socket(peer, &client))
		return (struct slice) { NULL, 0 };
	follow_forwarded(forwarded_for, trusted, &client);
	char text[INET6_ADDRSTRLEN];
	size_t len = address_write(&client, text);
	return arena_copy(arena, (struct slice) { text, len });
}

struct slice address_client(struct slice address, struct in6_addr *buffer)
{
	char text[INET6_ADDRSTRLEN];
	if (address.len >= sizeof text || memchr(address.ptr == NULL ? "" : address.ptr, ':', address.len) == NULL)
		return address;
	memcpy(text, address.ptr, address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET6, text, buffer) != 1)
		return address;
	return (struct slice) { (const char *)buffer, 8 };
}
