/* Requests and answers as text. */

#include "tests/judge/chaos_http.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

size_t chaos_http_request(const struct kl_buf *in)
{
	const char *end = strstr(in->data, "\r\n\r\n");
	const char *length = strcasestr(in->data, "\r\nContent-Length:");
	size_t size;

	if (!end)
		return 0;
	size = (size_t)(end + 4 - in->data);
	if (length && length < end)
		size += strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	return in->len >= size ? size : 0;
}

bool chaos_http_add_answer(struct kl_buf *out, const struct kl_buf *answer, bool last)
{
	char *data = answer->data;
	char *end = strstr(data, "\r\n\r\n");
	char *line = strcasestr(data, "\r\nConnection: close\r\n");
	bool framed = strcasestr(data, "\r\nContent-Length:") || strcasestr(data, "\r\nTransfer-Encoding:");
	size_t cut = strlen("\r\nConnection: close");

	if (last || !end || !framed || !line || line > end) {
		kl_buf_add(out, data, answer->len);
		return framed;
	}
	kl_buf_add(out, data, (size_t)(line - data));
	kl_buf_add(out, line + cut, answer->len - (size_t)(line - data) - cut);
	return true;
}

void chaos_http_add_fault(struct kl_buf *out, enum chaos_fault fault, int retry_after_s)
{
	static const struct {
		enum chaos_fault fault;
		const char *status, *type, *body;
		bool retry; /* says when to come again */
	} answers[] = {
		{ CHAOS_429, "429 Too Many Requests", "application/json", "{\"message\":\"Too many requests\"}", true },
		{ CHAOS_500, "500 Internal Server Error", "application/json",
		  "{\"status\":500,\"error\":\"Internal Server Error\"}", false },
		{ CHAOS_502, "502 Bad Gateway", "text/html", "<html><h1>502 Bad Gateway</h1></html>", false },
		{ CHAOS_503, "503 Service Unavailable", "application/json", "{\"error\":\"queue is full\"}", true },
		{ CHAOS_PORTAL, "200 OK", "text/html",
		  "<!DOCTYPE html><html><title>Free Wi-Fi</title><form>Room number</form></html>", false },
	};
	size_t i = 0;

	while (answers[i].fault != fault)
		i++;
	kl_buf_addf(out, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n",
		    answers[i].status, answers[i].type, strlen(answers[i].body));
	if (answers[i].retry && retry_after_s >= 0)
		kl_buf_addf(out, "Retry-After: %d\r\n", retry_after_s);
	kl_buf_addf(out, "\r\n%s", answers[i].body);
}

uint64_t chaos_http_count(const char *text, const char *part)
{
	uint64_t count = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		count++;
	}
	return count;
}
