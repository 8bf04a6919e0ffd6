#include "store/sql.h"

int64_t sql_number(const struct sql_value *v)
{
    int64_t n = v->type == SQL_INT ? v->number : 0;
    if (v->type == SQL_TEXT && slice_i64(&n, v->text))
        return 0;
    return n;
}

bool sql_bool(const struct sql_value *v)
{
    if (v->type == SQL_TEXT)
        return slice_eq(v->text, S("t")) || slice_eq(v->text, S("true")) || sql_number(v) != 0;
    return v->type == SQL_INT && v->number != 0;
}

struct slice sql_string(const struct sql_value *v)
{
    return v->type == SQL_TEXT ? v->text : (struct slice){ 0 };
}
