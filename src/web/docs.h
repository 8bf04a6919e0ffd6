/* The documents that describe the interface, at /docs: printed from the tables that are served. */
#pragma once

#include "web/request.h"

void docs_page(struct request *r);
void docs_openapi(struct request *r);
void docs_asyncapi(struct request *r);
