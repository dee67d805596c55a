/* The management listener: alive, ready, and how it goes. */
#include "server/server.h"

static void text_reply(struct http_reply *reply, unsigned status, struct slice body)
{
	reply->status = status;
	reply->content_type = SLICE_OF("text/plain; charset=utf-8");
	reply->body = body;
	http_reply_header(reply, "Cache-Control", SLICE_OF("no-store"));
}

void management_healthz(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)context;
	(void)request;
	text_reply(reply, 200, SLICE_OF("ok\n"));
}

/* Ready: the store answers, and the keys of a partition that is always there open. */
void management_readyz(void *context, struct http_request *request, struct http_reply *reply)
{
	(void)request;
	struct server *server = context;
	struct partition_id system;
	const struct tenant *tenant;
	if (store_ping(server->store) != RESULT_OK) {
		text_reply(reply, 503, SLICE_OF("the store does not answer\n"));
		return;
	}
	if (!partition_id_parse(SLICE_OF(PARTITION_SYSTEM), &system) || directory_tenant(server->directory, &system, &tenant) != RESULT_OK) {
		text_reply(reply, 503, SLICE_OF("the signing keys cannot be used\n"));
		return;
	}
	tenant_release(tenant);
	text_reply(reply, 200, SLICE_OF("ready\n"));
}

void management_metrics(void *context, struct http_request *request, struct http_reply *reply)
{
	struct writer body = writer_new(request->arena, 32 * 1024);
	metrics_write(context, &body);
	text_reply(reply, writer_ok(&body) ? 200 : 503, writer_ok(&body) ? writer_slice(&body) : (struct slice) { NULL, 0 });
	reply->content_type = SLICE_OF("text/plain; version=0.0.4; charset=utf-8");
}
