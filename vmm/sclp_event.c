// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of the service processor: which kinds there are, and text that comes with them. */
#include <string.h>

#include "vmm/console.h"
#include "vmm/ebcdic.h"
#include "vmm/sclp_input.h"

#define EVENT_ACCEPTED 0x80

#define RESPONSE_DONE        0x0020
#define RESPONSE_TOO_SHORT   0x0300
#define RESPONSE_FUNCTION    0x40f0
#define RESPONSE_NO_EVENT    0x60f0
#define RESPONSE_SELECTION   0x70f0
#define RESPONSE_MASK_LENGTH 0x74f0
#define RESPONSE_EVENT_SHORT 0x72f0
#define RESPONSE_SYNTAX      0x73f0

#define MDB_TEXT_OBJECT 4
#define MDB_TYPE        1

struct mask_block {
	struct sccb_header header;
	be16_t reserved;
	be16_t mask_len;
	uint8_t masks[]; /* program receives, program sends, machine receives, machine sends */
};

/** struct read_block - @masks: the types wanted, in a selective read; then events, from @mask_len
 */
struct read_block {
	struct sccb_header header;
	be16_t reserved;
	be16_t mask_len;
	uint8_t masks[];
};
_Static_assert(sizeof(struct read_block) == 12, "read event data");
#define READ_UNCONDITIONAL 0
#define READ_SELECTIVE     1
#define VARIABLE_LENGTH    0x80 /* control[2]: the block may come back shorter */

struct mdb_object {
	be16_t len;
	be16_t type;
	uint8_t data[];
} __attribute__((packed)); /* behind a text of odd length */
_Static_assert(sizeof(struct mdb_object) == 4, "message object");

struct mdb {
	struct mdb_object object; /* type 1 */
	uint8_t tag[4];
	be32_t revision;
	struct mdb_object first[];
} __attribute__((packed));

static void set_bit(uint8_t *mask, size_t len, unsigned int event)
{
	if ((event - 1) / 8 < len)
		mask[(event - 1) / 8] |= (uint8_t)(0x80 >> (event - 1) % 8);
}

/* Only the first word says something: there are no types beyond. */
static uint32_t first_word(const uint8_t *mask, size_t len)
{
	uint8_t bytes[4] = {0};
	be32_t word;

	memcpy(bytes, mask, len < sizeof(bytes) ? len : sizeof(bytes));
	memcpy(&word, bytes, sizeof(word));
	return be32_get(word);
}

uint16_t sclp_write_mask(struct vm *vm, struct sccb_header *sccb)
{
	struct mask_block *block = (struct mask_block *)sccb;
	size_t len = be16_get(block->mask_len);

	if (!len || sizeof(*block) + 4 * len > be16_get(sccb->len))
		return RESPONSE_MASK_LENGTH;
	sclp_input_select(vm->input, first_word(block->masks, len));
	memset(block->masks + 2 * len, 0, 2 * len);
	set_bit(block->masks + 2 * len, len, EVENT_MESSAGE);
	set_bit(block->masks + 2 * len, len, EVENT_ASCII);
	set_bit(block->masks + 3 * len, len, EVENT_OPERATOR_COMMAND);
	set_bit(block->masks + 3 * len, len, EVENT_ASCII);
	set_bit(block->masks + 3 * len, len, EVENT_SIGNAL_QUIESCE);
	return RESPONSE_DONE;
}

/* One text object is one line: two bytes of flags, four of presentation, then EBCDIC. */
static void write_line(struct console *console, const struct mdb_object *object, size_t len)
{
	char line[SCCB_MAX];
	const size_t skip = 6;
	size_t n = 0;

	for (size_t i = skip; i < len - sizeof(*object); i++)
		line[n++] = ebcdic_to_ascii(object->data[i]);
	line[n++] = '\n';
	console_write(console, line, n);
}

/* Objects follow each other without padding, so they are found by their lengths. */
static uint16_t write_message(struct console *console, const uint8_t *data, size_t len)
{
	const struct mdb *mdb = (const struct mdb *)data;
	size_t at = sizeof(*mdb);

	if (len < sizeof(*mdb) || be16_get(mdb->object.type) != MDB_TYPE ||
	    be16_get(mdb->object.len) > len)
		return RESPONSE_SYNTAX;
	len = be16_get(mdb->object.len);
	while (len >= at + sizeof(struct mdb_object)) {
		const struct mdb_object *object = (const struct mdb_object *)(data + at);
		size_t size = be16_get(object->len);

		if (size < sizeof(*object) || size > len - at)
			return RESPONSE_SYNTAX;
		if (be16_get(object->type) == MDB_TEXT_OBJECT && size >= sizeof(*object) + 6)
			write_line(console, object, size);
		at += size;
	}
	return RESPONSE_DONE;
}

static uint16_t write_event(struct vm *vm, struct sclp_event *event, size_t len)
{
	size_t data_len = len - sizeof(*event);
	uint16_t response = RESPONSE_DONE;

	if (event->type == EVENT_ASCII)
		console_write(vm->console, (const char *)event->data, data_len);
	else if (event->type == EVENT_MESSAGE)
		response = write_message(vm->console, event->data, data_len);
	else
		return RESPONSE_SYNTAX;
	if (response == RESPONSE_DONE)
		event->flags |= EVENT_ACCEPTED;
	return response;
}

uint16_t sclp_write_events(struct vm *vm, struct sccb_header *sccb)
{
	size_t end = be16_get(sccb->len), at = sizeof(*sccb);

	if (end < at + sizeof(struct sclp_event))
		return RESPONSE_EVENT_SHORT;
	while (end >= at + sizeof(struct sclp_event)) {
		struct sclp_event *event = (struct sclp_event *)((uint8_t *)sccb + at);
		size_t len = be16_get(event->len);
		uint16_t response;

		if (len < sizeof(*event) || len > end - at)
			return RESPONSE_EVENT_SHORT;
		response = write_event(vm, event, len);
		if (response != RESPONSE_DONE)
			return response;
		at += len;
	}
	return RESPONSE_DONE;
}

/* Return: 0, or the response that refuses the selection */
static uint16_t selection(struct sccb_header *sccb, uint32_t *selected)
{
	const struct read_block *block = (const struct read_block *)sccb;
	size_t len;

	*selected = UINT32_MAX;
	if (sccb->function == READ_UNCONDITIONAL)
		return 0;
	if (sccb->function != READ_SELECTIVE)
		return RESPONSE_FUNCTION;
	if (be16_get(sccb->len) < sizeof(*block))
		return RESPONSE_TOO_SHORT;
	len = be16_get(block->mask_len);
	if (!len || len > be16_get(sccb->len) - sizeof(*block))
		return RESPONSE_SELECTION;
	*selected = first_word(block->masks, len);
	return 0;
}

uint16_t sclp_read_events(struct vm *vm, struct sccb_header *sccb)
{
	size_t end = be16_get(sccb->len), at = sizeof(*sccb), len;
	uint32_t selected;
	uint16_t refused = selection(sccb, &selected);

	if (refused)
		return refused;
	memset((uint8_t *)sccb + at, 0, end - at);
	while ((len = sclp_input_take(vm->input, selected,
				      (struct sclp_event *)((uint8_t *)sccb + at), end - at)))
		at += len;
	if (at == sizeof(*sccb))
		return RESPONSE_NO_EVENT;
	if (sccb->control[2] & VARIABLE_LENGTH)
		sccb->len = be16_make((uint16_t)at);
	return RESPONSE_DONE;
}
