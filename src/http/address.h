/* Whose address counts for failure limits and the audit log (contract.md §6). */
#ifndef WRIT_HTTP_ADDRESS_H
#define WRIT_HTTP_ADDRESS_H

#include "base/arena.h"
#include "base/result.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct address_list;

/* text   addresses and CIDR blocks separated by spaces or commas: "127.0.0.1 10.0.0.0/8 ::1". Empty: none.
 * RESULT_INVALID with a problem that names the bad entry. Free with address_list_free (NULL is fine). */
MUST_CHECK enum result address_list_parse(struct slice text, struct address_list **ret, struct problem *);
void address_list_free(struct address_list *);
bool address_list_has(const struct address_list *, struct slice address);

/* The address of a socket's other end as canonical text with a NUL; its length, 0 for what is no IP address. */
size_t address_print(const struct sockaddr *, char text[INET6_ADDRSTRLEN]);

/* The peer's address; or, where the peer is a trusted proxy, the last entry of X-Forwarded-For that is not one (an
 * entry that is no IP address ends the search: the last good one counts). Canonical text in the arena; IPv4-mapped
 * IPv6 addresses as IPv4. */
struct slice address_of_client(struct arena *, const struct sockaddr *peer, struct slice forwarded_for,
                               const struct address_list *trusted);

/* What counts as one client: an IPv6 client owns a whole /64, so its address is cut to that, in the buffer; any other is given back as it is. */
struct slice address_client(struct slice address, struct in6_addr *buffer);

#endif
