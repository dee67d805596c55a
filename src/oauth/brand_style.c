/* The stylesheet of a partition's brand, which its pages load (signin/page_brand.c writes it). */
#include "oauth/oauth.h"
#include "signin/page.h"

void oauth_brand_style(struct oauth *oauth, struct http_request *request, struct http_reply *reply)
{
	struct oauth_call call;
	enum refusal refusal = oauth_call_begin(oauth, request, reply, &call);
	if (refusal == REFUSAL_NONE)
		page_brand_style(request, reply, &call.tenant->partition);
	oauth_call_end(&call, refusal, NULL);
}
