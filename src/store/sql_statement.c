/* The texts of the statements, by themselves: the tests of the drivers bring their own. */
#include "base/panic.h"
#include "store/sql.h"

const char *sql_statement_text(enum sql_statement st)
{
    static const char *const texts[] = {
#define SQL(id, text) [SQL_##id] = text,
#include "store/sql/all.def"
#undef SQL
        [SQL_STATEMENTS] = NULL,
    };
    ASSERT((unsigned)st < SQL_STATEMENTS);
    return texts[st];
}
