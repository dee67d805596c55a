/* Everything http/ itself refuses, in one table (contract.md §6). */
#ifndef WRIT_HTTP_REFUSAL_H
#define WRIT_HTTP_REFUSAL_H

#include <stdbool.h>

struct refusal {
	unsigned status; /* 0: none */
	bool close;      /* what follows on the connection cannot be trusted or is not wanted */
	const char *slug;
	const char *sentence; /* printable ASCII without quotes */
};

enum refusal_kind {
	REFUSE_ADDRESS_TOO_LONG,
	REFUSE_ADDRESS_BAD,
	REFUSE_HEADERS_TOO_LARGE,
	REFUSE_HEADERS_TOO_MANY,
	REFUSE_HEADER_BAD,
	REFUSE_HEADER_REPEATED,
	REFUSE_TWO_LENGTHS,
	REFUSE_TRANSFER_CODING,
	REFUSE_NO_HOST,
	REFUSE_NOT_FOUND,
	REFUSE_METHOD,
	REFUSE_BODY_TOO_LARGE,
	REFUSE_BODY,
	REFUSE_BUSY,
	REFUSE_NO_MEMORY,
	REFUSE_TOO_COMPLEX,
};

struct refusal refusal_of(enum refusal_kind);

#endif
