#include "directory/audit.h"

#include "base/clock.h"
#include "base/log.h"

static void put_line(const struct audit_event *event, bool kept)
{
	LOG_LINE(LOG_INFO, "audit",
	         { "action", event->action }, { "result", event->result }, { "partition", event->partition },
	         { "request_id", event->request_id }, { "actor", event->actor }, { "object", event->object },
	         { "address", event->address }, { "detail", event->detail },
	         { "stored", kept ? (struct slice) { NULL, 0 } : SLICE_OF("no: the queue of audit events is full") });
}

void audit_write(struct store *store, const struct audit_event *given)
{
	struct audit_event event = *given;
	if (event.at_ms == 0)
		event.at_ms = clock_ms();
	put_line(&event, store_audit(store, &event) == RESULT_OK);
}

void audit_line(const struct audit_event *event)
{
	put_line(event, true);
}
