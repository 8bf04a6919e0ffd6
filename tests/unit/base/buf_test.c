#include "base/buf.h"

#include "fault.h"
#include "tap.h"

static void test_writing(void)
{
    struct buf b;
    buf_init(&b, 1000);
    is_slice(buf_slice(&b), "", "nothing yet");
    ok(b.p == NULL, "and no memory");
    buf_add(&b, "ab\0", 3);
    buf_add(&b, NULL, 0);
    buf_add_slice(&b, S("cd"));
    buf_add_slice(&b, slice_str(NULL));
    buf_add_str(&b, "ef");
    buf_add_char(&b, 'g');
    is_int(buf_err(&b), 0, "all went well");
    is_mem(b.p, "ab\0cdefg", b.len, "bytes in order");
    is_int(b.len, 8, "all of them");
    buf_fini(&b);
}

static void test_numbers(void)
{
    struct buf b;
    buf_init(&b, 1000);
    static const int64_t signed_rows[] = { 0, 9, 10, -1, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof(signed_rows) / sizeof(signed_rows[0]); i++) {
        buf_add_i64(&b, signed_rows[i]);
        buf_add_char(&b, ' ');
    }
    buf_add_u64(&b, UINT64_MAX);
    is_slice(buf_slice(&b),
        "0 9 10 -1 9223372036854775807 -9223372036854775808 18446744073709551615", "decimal");
    buf_reset(&b);
    buf_add_hex(&b, 0x2a, 2);
    buf_add_hex(&b, 0xabcdef, 4);
    buf_add_hex(&b, 7, 0);
    buf_add_char(&b, ' ');
    buf_add_hex(&b, 0x123456789abcdef0, 16);
    is_slice(buf_slice(&b), "2acdef 123456789abcdef0", "hexadecimal");
    buf_fini(&b);
}

static void test_room(void)
{
    struct buf b;
    buf_init(&b, 300);
    ok(buf_room(&b, 0) != NULL, "room for nothing is not NULL");
    char *p = buf_room(&b, 10);
    memcpy(p, "hello", 5);
    buf_grow(&b, 5);
    is_slice(buf_slice(&b), "hello", "what was filled counts");
    ok(buf_room(&b, 295) != NULL, "up to the maximum");
    is_int(b.cap, 300, "and no more memory than that");
    buf_grow(&b, 295);
    ok(buf_room(&b, 0) != NULL, "full is not failed");
    ok(buf_room(&b, 1) == NULL, "past the maximum");
    is_int(buf_err(&b), ERR_TOO_BIG, "is");
    buf_fini(&b);
}

static void test_failed(void)
{
    struct buf b;
    buf_init(&b, 10);
    buf_add_str(&b, "0123456789");
    is_int(buf_err(&b), 0, "as many bytes as the maximum");
    is_int(b.cap, 10, "in as much memory");
    buf_add_char(&b, 'x');
    is_int(buf_err(&b), ERR_TOO_BIG, "one more is too many");
    ok(b.len == 0 && b.p == NULL, "the bytes are dropped");
    buf_add_char(&b, 'x');
    buf_grow(&b, 1);
    buf_drop(&b, 1);
    is_int(b.len, 0, "further writes do nothing");
    ok(buf_room(&b, 0) == NULL && buf_blob(&b, 0) == NULL, "nothing comes out of it");
    is_int(buf_err(&b), ERR_TOO_BIG, "it still says why");
    buf_reset(&b);
    buf_add_str(&b, "again");
    is_slice(buf_slice(&b), "again", "a reset makes it usable");
    buf_add(&b, "", SIZE_MAX);
    is_int(buf_err(&b), ERR_TOO_BIG, "a length that wraps around is too big");
    buf_release(&b);
    is_int(buf_err(&b), 0, "a release makes it usable as well");
    buf_fini(&b);
}

static void test_memory(void)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    fault_off();
    for (int i = 0; i < 1 << 20; i++)
        buf_add_char(&b, (char)i);
    is_int(b.len, 1 << 20, "a megabyte, byte by byte");
    is_int(fault_calls(FAULT_ALLOC), 13, "by doubling from 256 bytes");
    fault_off();
    buf_reset(&b);
    buf_add_str(&b, "x");
    ok(fault_calls(FAULT_ALLOC) == 0 && b.cap == 1 << 20, "a reset keeps the memory");
    buf_release(&b);
    ok(b.p == NULL && b.cap == 0 && b.len == 0, "a release gives it back");
    buf_fini(&b);
}

static void test_drop(void)
{
    struct buf b;
    buf_init(&b, 100);
    buf_add_str(&b, "hello world");
    buf_drop(&b, 0);
    buf_drop(&b, 6);
    is_slice(buf_slice(&b), "world", "the front is cut off");
    buf_add_char(&b, '!');
    is_slice(buf_slice(&b), "world!", "writing goes on behind the rest");
    buf_drop(&b, 6);
    is_slice(buf_slice(&b), "", "nothing left");
    buf_fini(&b);
}

static void test_blob(void)
{
    struct buf b;
    buf_init(&b, 100);
    buf_add_str(&b, "frame");
    struct blob *blob = buf_blob(&b, 14);
    is_int(blob->len, 19, "the head is part of the blob");
    is_slice(slice_drop(blob_slice(blob), 14), "frame", "the contents stand behind it");
    is_slice(buf_slice(&b), "", "the buffer is reset");
    blob_unref(blob);
    blob = buf_blob(&b, 0);
    is_int(blob->len, 0, "an empty blob");
    blob_unref(blob);
    buf_add_char(&b, 'x');
    ok(buf_blob(&b, BLOB_MAX_BYTES) == NULL, "longer than a blob may be");
    is_int(buf_err(&b), ERR_TOO_BIG, "fails the buffer");
    buf_fini(&b);
}

static void without_memory(void *arg)
{
    unsigned *clean = arg;
    struct buf b;
    buf_init(&b, 1 << 16);
    for (int i = 0; i < 2000; i++)
        buf_add_str(&b, "0123456789");
    struct blob *blob = buf_blob(&b, 4);
    if (fault_hit())
        *clean += blob == NULL && buf_err(&b) == ERR_NO_MEMORY && b.p == NULL;
    else
        *clean += blob != NULL && blob->len == 20004 && buf_err(&b) == 0;
    blob_unref(blob);
    buf_fini(&b);
}

static void test_faults(void)
{
    unsigned clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, without_memory, &clean);
    is_int(clean, runs + 1, "without memory the buffer fails, and says so at the end");
}

int main(void)
{
    test_writing();
    test_numbers();
    test_room();
    test_failed();
    test_memory();
    test_drop();
    test_blob();
    test_faults();
    return done();
}
