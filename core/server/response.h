#ifndef CORE_SERVER_RESPONSE_H
#define CORE_SERVER_RESPONSE_H

/* An answer as libmicrohttpd sends it: validator, compression, and the headers that every answer has. */

struct MHD_Response;
struct request;

/* The answer's body is taken over; its status becomes 304 when the client has it already. To be destroyed by the caller. */
struct MHD_Response *response_of(struct request *request);

#endif
