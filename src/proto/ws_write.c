#include "base/base64.h"
#include "base/blob.h"
#include "base/sha1.h"
#include "proto/ws.h"

#define KEY_BYTES 16                                     /* of the nonce in a Sec-WebSocket-Key */
#define KEY_CHARS 24                                     /* of the key itself, base64 */
#define GUID      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 1.3 */

bool ws_is_close_code(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
        (code >= 3000 && code <= 4999);
}

static unsigned head_size(uint64_t len)
{
    return len < 126 ? 2 : len <= UINT16_MAX ? 4 : WS_HEAD_MAX;
}

unsigned ws_put_head(char *end, enum ws_op op, bool is_compressed, uint64_t len)
{
    unsigned size = head_size(len);
    uint8_t head[WS_HEAD_MAX];
    head[0] = (uint8_t)(0x80 | (is_compressed ? 0x40 : 0) | op);
    head[1] = size == 2 ? (uint8_t)len : size == 4 ? 126 : 127;
    for (unsigned i = size; i > 2; i--, len >>= 8)
        head[i - 1] = (uint8_t)len;
    memcpy(end - size, head, size);
    return size;
}

struct blob *ws_frame_new(enum ws_op op, size_t len)
{
    unsigned size = head_size(len);
    struct blob *b = blob_new(size + len);
    if (b != NULL)
        ws_put_head(b->bytes + size, op, false, len);
    return b;
}

struct blob *ws_frame(enum ws_op op, struct slice payload)
{
    struct blob *b = ws_frame_new(op, payload.len);
    if (b != NULL && payload.len > 0)
        memcpy(b->bytes + b->len - payload.len, payload.p, payload.len);
    return b;
}

struct slice ws_frame_payload(enum ws_op *op, const struct blob *frame)
{
    static const unsigned sizes[] = { [126] = 4, [127] = 10 };
    unsigned code = (uint8_t)frame->bytes[1] & 0x7f;
    unsigned size = sizes[code] ? sizes[code] : 2;
    *op = (uint8_t)frame->bytes[0] & 0x0f;
    return slice_drop(blob_slice(frame), size);
}

struct blob *ws_close_frame(unsigned code, struct slice reason)
{
    if (!ws_is_close_code(code))
        return ws_frame(WS_CLOSE, S(""));
    char payload[WS_CONTROL_MAX] = { (char)(code >> 8), (char)code };
    struct slice text = utf8_is_valid(reason) ? utf8_take(reason, sizeof(payload) - 2) : S("");
    if (text.len > 0)
        memcpy(payload + 2, text.p, text.len);
    return ws_frame(WS_CLOSE, slice_of(payload, 2 + text.len));
}

/* A key of this length fits into the nonce only with both its '=' and so has exactly 16 bytes. The
 * spare bits of the key's last character may have any value: RFC 6455's own example in 4.1 has
 * some set. */
int ws_accept_key(char out[WS_ACCEPT_BYTES], struct slice key)
{
    uint8_t nonce[KEY_BYTES], hash[SHA1_BYTES];
    size_t len = 0;
    if (key.len != KEY_CHARS || base64_decode(&len, nonce, sizeof(nonce), key, BASE64_LENIENT) != 0)
        return ERR_BAD_REQUEST;
    char text[KEY_CHARS + sizeof(GUID) - 1];
    memcpy(text, key.p, KEY_CHARS);
    memcpy(text + KEY_CHARS, GUID, sizeof(GUID) - 1);
    sha1(hash, slice_of(text, sizeof(text)));
    base64_encode(out, slice_of(hash, sizeof(hash)), BASE64_STANDARD);
    return 0;
}
