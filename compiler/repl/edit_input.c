#include <config.h>

#include "compiler/repl/edit_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/utf8.h"

enum {
	READ_BYTES = 64 << 10,
	ESCAPE_MS = 50,		/* after it ESC is a key, and not the beginning of one */
	PASTE_MS = 2000,	/* after it a paste that nobody ended is at its end */
	SEQUENCE_BYTES = 32,
};

static const int SIGNALS[] = {SIGINT, SIGWINCH, SIGCONT, SIGHUP, SIGTERM};
enum { NSIGNALS = sizeof SIGNALS / sizeof *SIGNALS };

/* Handlers know nothing but this; there is one terminal in a process. */
static struct {
	int wake[2];			/* the number of each signal, as a byte */
	struct sigaction before[NSIGNALS];
	int fd;
	struct termios cooked;
	volatile sig_atomic_t is_active;
} terminal = {.wake = {-1, -1}, .fd = -1};

static void note_signal(int number)
{
	int was = errno;
	char byte = (char)number;
	ssize_t n = write(terminal.wake[1], &byte, 1);

	(void)n;	/* a full pipe has woken us already */
	errno = was;
}

void input_open(struct edit_input *in, int fd)
{
	*in = (struct edit_input){.fd = fd};
	if (terminal.wake[0] < 0 && pipe2(terminal.wake, O_CLOEXEC | O_NONBLOCK))
		terminal.wake[0] = terminal.wake[1] = -1;
}

void input_release(struct edit_input *in)
{
	buf_release(&in->bytes);
}

void input_signals(bool are_ours)
{
	struct sigaction sa = {.sa_handler = note_signal};

	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < NSIGNALS; i++)
		if (are_ours)
			sigaction(SIGNALS[i], &sa, &terminal.before[i]);
		else
			sigaction(SIGNALS[i], &terminal.before[i], NULL);
}

static void put_right(void)
{
	ssize_t n;

	if (!terminal.is_active)
		return;
	terminal.is_active = 0;
	n = write(terminal.fd, "\033[?2004l\r\n", 10);
	(void)n;
	tcsetattr(terminal.fd, TCSANOW, &terminal.cooked);
}

static void on_crash(int number)
{
	put_right();
	raise(number);		/* SA_RESETHAND: as if we had never been there */
}

void input_guard(int fd, const struct termios *cooked)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
	struct sigaction sa = {.sa_handler = on_crash,
			       .sa_flags = (int)SA_RESETHAND | SA_NODEFER},
			 was;

	if (terminal.fd < 0)
		atexit(put_right);
	terminal.fd = fd;
	terminal.cooked = *cooked;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		if (!sigaction(crashes[i], NULL, &was) && was.sa_handler == SIG_DFL)
			sigaction(crashes[i], &sa, NULL);
}

void input_guard_active(bool is_active)
{
	terminal.is_active = is_active;
}

static struct str pending(const struct edit_input *in)
{
	return str_sub(buf_str(&in->bytes), in->at, in->bytes.n);
}

/* Reads what is there, after waiting at most timeout_ms (-1: without end).  1: there is
 * more; 0: there is not; the number of a signal, negated.  One that wants us to end is
 * kept and ends the input. */
static int read_more(struct edit_input *in, int timeout_ms)
{
	struct pollfd fds[2] = {{.fd = in->fd, .events = POLLIN},
				{.fd = terminal.wake[0], .events = POLLIN}};
	char number;
	ssize_t n;
	int ready = poll(fds, 2, timeout_ms);

	if (fds[1].revents && read(terminal.wake[0], &number, 1) == 1) {
		if (number == SIGHUP || number == SIGTERM)
			in->signal = number, in->is_gone = true;
		return -number;
	}
	if (ready <= 0 || !fds[0].revents)
		return 0;
	if (in->at) {
		in->bytes.n -= in->at;
		memmove(in->bytes.p, in->bytes.p + in->at, in->bytes.n);
		in->at = 0;
	}
	n = read(in->fd, buf_reserve(&in->bytes, READ_BYTES), READ_BYTES);
	if (n > 0)
		in->bytes.n += (size_t)n;
	else if (!n || (errno != EINTR && errno != EAGAIN))
		in->is_gone = true;
	return n > 0;
}

/* Bytes of the escape sequence that s begins with; 0: it is not whole yet. */
static size_t sequence_length(struct str s)
{
	size_t i = 2, n;

	if (s.n < 2)
		return 0;
	if (s.p[1] == 'O')
		return s.n > 2 ? 3 : 0;
	n = utf8_length(str_sub(s, 1, s.n));
	if (s.p[1] != '[')
		return 1 + (n ? n : 1);
	while (i < s.n && i < SEQUENCE_BYTES && s.p[i] >= 0x20 && s.p[i] < 0x40)
		i++;
	return i < s.n ? i + 1 : 0;
}

static enum edit_key key_of_sequence(struct str s)
{
	static const struct { const char *sequence; enum edit_key key; } all[] = {
		{"[A", KEY_UP}, {"[B", KEY_DOWN}, {"[C", KEY_RIGHT}, {"[D", KEY_LEFT},
		{"OA", KEY_UP}, {"OB", KEY_DOWN}, {"OC", KEY_RIGHT}, {"OD", KEY_LEFT},
		{"[H", KEY_HOME}, {"[F", KEY_END}, {"OH", KEY_HOME}, {"OF", KEY_END},
		{"[1~", KEY_HOME}, {"[4~", KEY_END}, {"[7~", KEY_HOME}, {"[8~", KEY_END},
		{"[3~", KEY_DELETE}, {"[200~", KEY_PASTE}, {"[3;5~", KEY_WORD_DELETE},
		{"[1;5C", KEY_WORD_RIGHT}, {"[1;5D", KEY_WORD_LEFT},
		{"[1;3C", KEY_WORD_RIGHT}, {"[1;3D", KEY_WORD_LEFT},
		{"[5~", KEY_PREVIOUS}, {"[6~", KEY_NEXT},
		{"b", KEY_WORD_LEFT}, {"f", KEY_WORD_RIGHT}, {"d", KEY_WORD_DELETE},
		{"\177", KEY_WORD_ERASE}, {"\b", KEY_WORD_ERASE}, {"u", KEY_UPPER},
		{"l", KEY_LOWER}, {"c", KEY_CAPITALIZE}, {"<", KEY_OLDEST},
		{">", KEY_NEWEST}, {"\r", KEY_SUBMIT}, {"\n", KEY_SUBMIT}};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (str_is(s, all[i].sequence))
			return all[i].key;
	return KEY_NONE;
}

static enum edit_key escape(struct edit_input *in)
{
	size_t n;

	while (!(n = sequence_length(pending(in))))
		if (read_more(in, ESCAPE_MS) <= 0) {
			in->at++;
			return KEY_ESCAPE;
		}
	in->at += n;
	return key_of_sequence(str_sub(buf_str(&in->bytes), in->at - n + 1, in->at));
}

/* Of text: no control characters, C1 among them.  0: of none, or it is not whole yet. */
static size_t text_length(struct str s)
{
	uint32_t c = utf8_decode(s);

	return c < ' ' || (c >= 127 && c < 0xa0) ? 0 : utf8_length(s);
}

/* Could s become a character when more of it is there? */
static bool is_begun(struct str s)
{
	unsigned char c = s.n ? (unsigned char)s.p[0] : 0;
	size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;

	return s.n < want && !utf8_length(s);
}

static enum edit_key key_of_byte(struct edit_input *in)
{
	unsigned char c = (unsigned char)pending(in).p[0];

	if (c == KEY_ESCAPE)
		return escape(in);
	if (text_length(pending(in)))
		return KEY_TEXT;
	while (is_begun(pending(in)))
		if (read_more(in, ESCAPE_MS) <= 0)
			break;
	if (text_length(pending(in)))
		return KEY_TEXT;
	in->at++;
	if (c && (c < ' ' || c == KEY_DELETE_BACK))
		return (enum edit_key)c;
	in->had_refused = true;
	while (pending(in).n && (pending(in).p[0] & 0xc0) == 0x80)
		in->at++;
	return KEY_NONE;
}

enum edit_key input_key(struct edit_input *in, const struct input_hooks *hooks)
{
	int wait_ms = 0, got;

	while (!pending(in).n) {
		if (in->is_gone)
			return KEY_GONE;
		got = read_more(in, wait_ms);
		if (got == -SIGINT)
			return KEY_ABORT;
		if (got == -SIGCONT)
			hooks->after_stop(hooks->ctx);
		wait_ms = got ? 0 : hooks->before_wait(hooks->ctx, wait_ms > 0);
	}
	return key_of_byte(in);
}

struct str input_text(struct edit_input *in, size_t max, bool *is_cut)
{
	size_t lo = in->at, n, kept = 0;

	while ((n = text_length(pending(in)))) {
		if (in->at + n - lo <= max)
			kept = in->at + n - lo;
		else
			*is_cut = true;
		in->at += n;
	}
	return str_sub(buf_str(&in->bytes), lo, lo + kept);
}

/* Takes what is there up to `end`: text, tabs and ends of lines. */
static void take_pasted(struct edit_input *in, size_t end, size_t max, struct buf *out,
			bool *is_cut)
{
	while (in->at < end) {
		struct str s = str_sub(buf_str(&in->bytes), in->at, end);
		size_t n = text_length(s);
		char c = s.p[0];
		bool ends_cr = c == '\n' && in->had_cr;

		in->at += n ? n : 1;
		in->had_cr = c == '\r';
		c = c == '\r' ? '\n' : c;
		if (ends_cr)
			continue;
		if (!n && c != '\n' && c != '\t')
			in->had_refused = true;
		else if (out->n + n + 1 > max)
			*is_cut = true;
		else if (n)
			buf_add(out, str_sub(s, 0, n));
		else
			buf_addc(out, c);
	}
}

void input_paste(struct edit_input *in, size_t max, struct buf *out, bool *is_cut)
{
	struct str mark = STR("\033[201~"), all;
	size_t end;

	for (;;) {
		all = buf_str(&in->bytes);
		end = str_find(all, mark, in->at);
		if (end < all.n) {
			take_pasted(in, end, max, out, is_cut);
			in->at = end + mark.n;
			return;
		}
		/* What could be the beginning of the mark, or of a character, stays. */
		end = all.n > mark.n ? all.n - mark.n : 0;
		while (end > in->at && (all.p[end] & 0xc0) == 0x80)
			end--;
		take_pasted(in, end, max, out, is_cut);
		if (!read_more(in, PASTE_MS)) {
			take_pasted(in, in->bytes.n, max, out, is_cut);
			return;
		}
	}
}

int input_line(struct edit_input *in, struct buf *out)
{
	struct str s;
	size_t end;

	buf_clear(out);
	for (;;) {
		s = pending(in);
		end = str_find(s, STR("\n"), 0);
		if (end < s.n || (in->is_gone && s.n)) {
			take_pasted(in, in->at + end, EDIT_TEXT_MAX, out, &(bool){false});
			in->at += end < s.n;
			return 1;
		}
		if (in->is_gone)
			return 0;
		if (read_more(in, -1) == -SIGINT) {
			in->at = in->bytes.n;
			return -1;
		}
	}
}
