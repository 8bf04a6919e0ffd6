/* One request by HTTP to the configured service, without a body and with no interest in that of
 * the answer. Blocks, for at most FILES_S3_CALL_S seconds or so: for workers. Not a client for
 * addresses that anybody but the operator chose. Used by web/files_s3. */
#pragma once

#include "base/slice.h"

#define FILES_S3_CALL_S 20 /* seconds without a byte */

/* The answer's status. ERR_BAD_VALUE: the address; ERR_IO: there is no answer; ERR_NO_MEMORY. */
int files_s3_call(int *status, struct slice method, struct slice url) MUST_CHECK;
