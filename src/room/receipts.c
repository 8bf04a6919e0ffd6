#include "room/receipts.h"

#include "base/buf.h"
#include "room/parts.h"

#define MOMENT_BYTES 32 /* in digits, with what is before and behind it */

int64_t receipts_at(struct slice receipts, struct slice id)
{
    struct slice line;
    while (id.len > 0 && slice_cut(&line, &receipts, '\n')) {
        struct slice at;
        uint64_t ms;
        if (slice_cut(&at, &line, ' ') && slice_eq(line, id) && slice_u64(&ms, at) == 0)
            return (int64_t)ms;
    }
    return 0;
}

static uint32_t count(struct slice receipts)
{
    struct slice line;
    uint32_t n = 0;
    while (slice_cut(&line, &receipts, '\n'))
        n++;
    return n;
}

/* The newest `max`. */
static struct slice newest(struct slice receipts, uint32_t max)
{
    struct slice oldest;
    for (uint32_t n = count(receipts); n > max; n--)
        (void)slice_cut(&oldest, &receipts, '\n');
    return receipts;
}

int receipts_add(char **receipts, struct slice id, int64_t at_ms, uint32_t max)
{
    struct buf text;
    if (id.len == 0)
        return 0;
    struct slice kept = newest(slice_str(*receipts), max - 1);
    buf_init(&text, kept.len + id.len + MOMENT_BYTES);
    buf_add_slice(&text, kept);
    if (kept.len > 0)
        buf_add_char(&text, '\n');
    buf_add_u64(&text, (uint64_t)at_ms);
    buf_add_char(&text, ' ');
    buf_add_slice(&text, id);
    int err = buf_err(&text);
    if (!err)
        err = room_text_set(receipts, buf_slice(&text));
    buf_fini(&text);
    return err;
}
