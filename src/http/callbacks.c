#include "http/callbacks.h"

#include "base/clock.h"
#include "http/address.h"
#include "http/cors.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/server.h"
#include "http/tls.h"
#include "http/work.h"

void *callback_target(void *context, const char *uri, struct MHD_Connection *library)
{
	struct http_server *server = context;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(library, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *connection = info == NULL ? NULL : info->socket_context;
	if (connection == NULL)
		return NULL;
	struct exchange *exchange = exchange_take(&server->exchanges);
	if (exchange == NULL)
		return NULL;
	exchange->server = server;
	exchange->connection = connection;
	exchange->library = library;
	exchange->stage = EXCHANGE_BEGUN;
	exchange->request.received_us = clock_monotonic_us();
	/* the library's own buffer: request.h says why it is written to */
	request_take_target(exchange, (char *)uri);
	connection->exchange = exchange;
	connection_reads(&server->connections, connection);
	return exchange;
}

static void read_address(struct exchange *exchange)
{
	struct http_server *server = exchange->server;
	struct http_request *request = &exchange->request;
	const struct connection *connection = exchange->connection;
	request->address = (struct slice) { connection->address, connection->address_len };
	if (!atomic_load_explicit(&server->trusts, memory_order_relaxed))
		return;
	struct slice forwarded = http_request_header(request, "X-Forwarded-For");
	if (forwarded.len == 0)
		return;
	pthread_rwlock_rdlock(&server->trust_lock);
	request->address =
		address_of_client(request->arena, (const struct sockaddr *)&connection->peer, forwarded, server->trusted);
	pthread_rwlock_unlock(&server->trust_lock);
}

static void judge_route(struct exchange *exchange)
{
	struct http_request *request = &exchange->request;
	if (request->path.ptr == NULL)
		return;
	router_find(exchange->server->router, request->path, request->method, &exchange->match);
	request->route = exchange->match.route != NULL ? exchange->match.route : exchange->match.address;
	memcpy(request->segments, exchange->match.segments, sizeof request->segments);
	if (exchange->refusal.status != 0)
		return;
	if (exchange->match.address == NULL)
		exchange->refusal = refusal_of(REFUSE_NOT_FOUND);
	else if (exchange->match.route == NULL && request->method != HTTP_OPTIONS)
		exchange->refusal = refusal_of(REFUSE_METHOD);
}

/* A body that is not wanted but not much too large is read past, so that the client sees the refusal and not a reset
 * connection; the library cannot answer in the middle of an upload. One that was announced as larger is answered at
 * once and the connection closed, and so is one whose sender asked first (Expect). A place for a large body is looked
 * for here, so that the refusal is seen, and taken as its bytes arrive: then it may be gone, and what follows the 503
 * is cut where it goes on for too long. */
static void judge_body(struct exchange *exchange)
{
	const struct http_route *route = exchange->match.route;
	struct body_outlook body = request_body_outlook(&exchange->request);
	if (!body.announced)
		return;
	size_t max = route == NULL ? 0 : route->body_max;
	if (exchange->refusal.status == 0 && max == 0)
		exchange->refusal = refusal_of(REFUSE_BODY);
	if (exchange->refusal.status == 0 && body.length > max)
		exchange->refusal = refusal_of(REFUSE_BODY_TOO_LARGE);
	if (exchange->refusal.status == 0 && !exchange_body_has_place(exchange, body.length))
		exchange->refusal = refusal_of(REFUSE_BUSY);
	if (exchange->refusal.status != 0 && (body.expects || body.length > LIMIT_DISCARD_SIZE))
		exchange->refusal.close = true;
}

static enum MHD_Result on_headers(struct exchange *exchange, const char *method, const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(exchange->library, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	exchange->stage = EXCHANGE_READING;
	exchange->counted = true;
	atomic_fetch_add(&exchange->server->under_way, 1);
	request_read(exchange, method, version, info == NULL ? SIZE_MAX : info->header_size);
	read_address(exchange);
	judge_route(exchange);
	judge_body(exchange);
	if (!exchange->refusal.close)
		return MHD_YES;
	/* answered before its body, the library reads no more from this connection */
	reply_refuse(exchange, exchange->refusal);
	return reply_send(exchange, true);
}

static enum MHD_Result on_body(struct exchange *exchange, const char *bytes, size_t size)
{
	if (exchange->refusal.status == 0) {
		switch (exchange_body_add(exchange, bytes, size)) {
		case RESULT_OK:
			return MHD_YES;
		case RESULT_TOO_LARGE:
			exchange->refusal = refusal_of(REFUSE_BODY_TOO_LARGE);
			break;
		case RESULT_BUSY:
			exchange->refusal = refusal_of(REFUSE_BUSY);
			break;
		default:
			exchange->refusal = refusal_of(REFUSE_NO_MEMORY);
			break;
		}
	}
	exchange->body_discarded += size;
	return exchange->body_discarded <= LIMIT_DISCARD_SIZE ? MHD_YES : MHD_NO;
}

static void answer_options(struct exchange *exchange)
{
	if (cors_is_preflight(exchange)) {
		cors_answer_preflight(exchange);
		return;
	}
	/* RFC 9110 §9.3.7 */
	struct slice allowed = cors_method_list(exchange->request.arena, exchange->match.allowed | HTTP_OPTIONS);
	exchange->reply.status = 204;
	http_reply_header(&exchange->reply, "Allow", allowed);
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
	return reply_send(exchange, exchange->refusal.close || atomic_load(&exchange->server->stopping));
}

static enum MHD_Result hand_out(struct exchange *exchange)
{
	if (!exchange_detach(exchange)) {
		reply_refuse(exchange, refusal_of(REFUSE_NO_MEMORY));
		return send_reply(exchange);
	}
	work_hand_out(exchange);
	return MHD_YES;
}

static enum MHD_Result on_whole(struct exchange *exchange)
{
	connection_handles(exchange->connection);
	if (exchange->refusal.status != 0) {
		reply_refuse(exchange, exchange->refusal);
		return send_reply(exchange);
	}
	if (exchange->match.route == NULL || cors_is_preflight(exchange)) {
		answer_options(exchange);
		return send_reply(exchange);
	}
	if (exchange->match.route->place != HTTP_ON_EVENT_THREAD)
		return hand_out(exchange);
	work_run_handler(exchange, false);
	return exchange->reply.later ? hand_out(exchange) : send_reply(exchange);
}

enum MHD_Result callback_request(void *context, struct MHD_Connection *library, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_size, void **argument)
{
	(void)context;
	(void)library;
	(void)url;
	struct exchange *exchange = *argument;
	if (exchange == NULL)
		return MHD_NO;
	switch (exchange->stage) {
	case EXCHANGE_BEGUN:
		return on_headers(exchange, method, version);
	case EXCHANGE_READING:
		if (*upload_size == 0)
			return on_whole(exchange);
		enum MHD_Result result = on_body(exchange, upload, *upload_size);
		*upload_size = 0;
		return result;
	case EXCHANGE_READY:
		return send_reply(exchange);
	case EXCHANGE_BUSY:
		reply_refuse(exchange, refusal_of(REFUSE_BUSY));
		return send_reply(exchange);
	case EXCHANGE_AT_WORK:
	case EXCHANGE_SENT:
		return MHD_YES;
	case EXCHANGE_ABANDONED:
		break;
	}
	return MHD_NO;
}

static void finish(struct http_server *server, struct connection *connection)
{
	struct exchange *exchange = connection->exchange;
	if (exchange == NULL)
		return;
	connection->exchange = NULL;
	if (exchange->counted)
		atomic_fetch_sub(&server->under_way, 1);
	exchange_release(&server->exchanges, exchange);
}

void callback_completed(void *context, struct MHD_Connection *library, void **argument, enum MHD_RequestTerminationCode code)
{
	(void)library;
	(void)code;
	struct http_server *server = context;
	struct exchange *exchange = *argument;
	if (exchange == NULL)
		return;
	*argument = NULL;
	struct connection *connection = exchange->connection;
	finish(server, connection);
	connection_rests(&server->connections, connection);
}

/* Before the first byte of the handshake was read. */
static void identify(struct http_server *server, struct MHD_Connection *library, struct connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(library, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	if (!server->speaks_tls || info == NULL || connection == NULL)
		return; /* a session without an identity fails */
	pthread_mutex_lock(&server->tls_lock);
	connection->tls = tls_identity_hold(server->tls);
	pthread_mutex_unlock(&server->tls_lock);
	tls_identity_give(connection->tls, info->tls_session);
}

void callback_connection(void *context, struct MHD_Connection *library, void **argument,
                         enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *socket = MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);
		const union MHD_ConnectionInfo *peer = MHD_get_connection_info(library, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		const struct sockaddr *address = peer == NULL ? NULL : peer->client_addr;
		struct connection *added = socket == NULL ? NULL : connection_add(&server->connections, socket->connect_fd, address, server->speaks_tls);
		identify(server, library, added);
		*argument = added;
		return;
	}
	struct connection *connection = *argument;
	*argument = NULL;
	if (connection == NULL)
		return;
	finish(server, connection);
	tls_identity_release(connection->tls);
	connection_remove(&server->connections, connection);
}
