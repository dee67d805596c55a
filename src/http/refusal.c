#include "http/refusal.h"

static const struct refusal refusals[] = {
	[REFUSE_ADDRESS_TOO_LONG] = { 414, true, "address-too-long", "The address is longer than 8 KiB: send parameters in the body of a POST." },
	[REFUSE_ADDRESS_BAD] = { 400, true, "bad-address", "The address is malformed: send a path that starts with a slash, other characters percent-encoded." },
	[REFUSE_HEADERS_TOO_LARGE] = { 431, true, "headers-too-large", "The request line and headers are larger than 16 KiB: send less." },
	[REFUSE_HEADERS_TOO_MANY] = { 431, true, "too-many-headers", "The request has more than 100 header lines: send fewer." },
	[REFUSE_HEADER_BAD] = { 400, true, "bad-header", "A header is malformed: its name is no token, its value has control characters, or a length is no number." },
	[REFUSE_HEADER_REPEATED] = { 400, true, "repeated-header", "Host, Content-Length, Transfer-Encoding, Authorization, X-Original and X-Forwarded headers may come only once." },
	[REFUSE_TWO_LENGTHS] = { 400, true, "two-lengths", "The request has both Content-Length and Transfer-Encoding: send one." },
	[REFUSE_TRANSFER_CODING] = { 400, true, "bad-transfer-coding", "The only transfer coding understood is chunked, in HTTP/1.1." },
	[REFUSE_NO_HOST] = { 400, true, "no-host", "The Host header is missing: HTTP/1.1 requires it." },
	[REFUSE_NOT_FOUND] = { 404, false, "not-found", "There is nothing at this address." },
	[REFUSE_METHOD] = { 405, false, "wrong-method", "This address does not take this method: see the Allow header." },
	[REFUSE_BODY_TOO_LARGE] = { 413, false, "body-too-large", "The body is larger than this address takes: send less." },
	[REFUSE_BODY] = { 413, false, "body-not-wanted", "This address takes no body: send the request without one." },
	[REFUSE_BUSY] = { 503, false, "busy", "The server is busy: try again in a second." },
	[REFUSE_NO_MEMORY] = { 503, true, "busy", "The server is out of memory for this request: try again later." },
	[REFUSE_TOO_COMPLEX] = { 500, false, "too-complex", "The request needs more memory than one request may use: ask for less at once." },
};

struct refusal refusal_of(enum refusal_kind kind)
{
	return refusals[kind];
}
