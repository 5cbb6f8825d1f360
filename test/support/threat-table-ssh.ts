import type { Play } from './threat-table.ts'

/** The threats to sessions over SSH (SH), each with the tests that play it, or why none does. */
export const SSH_THREATS: Readonly<Record<string, readonly Play[] | string>> = {
  'SH-01': [
    ['proxy/ssh/prompt.test.ts', 'a finished line is judged as it stands, runs wrapped, and the prompt comes back'],
    [
      'protocol/ssh/line-editor.test.ts',
      'Ctrl-R looks for words, further back each time, and its line runs as it is shown',
    ],
    ['protocol/ssh/line-editor-shown.test.ts', 'whatever is typed, the terminal shows what the editor believes'],
    ['protocol/ssh/carry.test.ts', 'lines run as they stand, whatever they are made of'],
    ['e2e/ssh-prompt.test.ts', 'works as in a shell: directories, variables, status, history, wide characters'],
  ],
  'SH-02': [
    ['packs/ssh.test.ts', 'no evasion passes, and none is refused for want of a rule'],
    ['classify/shell/corpora.test.ts', 'every evasion shows what it is'],
    ['classify/shell/corpora.test.ts', 'words are what bash makes of them'],
  ],
  'SH-03': [
    ['protocol/ssh/line-editor.test.ts', 'an end marker within a paste ends nothing, and what holds one does not run'],
    ['protocol/ssh/line-editor.test.ts', 'behind a paste nothing counts as pressed until a moment has passed'],
    [
      'protocol/ssh/line-editor.test.ts',
      'Ctrl-V takes the next key as it is, drawn as text, and the line does not run',
    ],
    ['protocol/ssh/line-editor.test.ts', 'Ctrl-J finishes a line as Enter does, and CR LF is one press'],
    ['e2e/ssh-prompt.test.ts', 'a paste with newlines and an end marker in it does not run'],
  ],
  'SH-04': [
    ['classify/shell/corpora.test.ts', 'every evasion shows what it is'],
    ['classify/shell/corpora.test.ts', 'what counts as understood is what bash parses'],
  ],
  'SH-05': [
    ['packs/ssh.test.ts', 'no evasion passes, and none is refused for want of a rule'],
    [
      'classify/shell/classify.test.ts',
      'a pager opens a shell on a terminal, unless it is told to be safe or asked not to',
    ],
    ['classify/shell/languages.test.ts', 'plain programs of awk are told from those that may reach out'],
  ],
  'SH-06': [
    ['packs/ssh.test.ts', 'no evasion passes, and none is refused for want of a rule'],
    ['proxy/ssh/exec.test.ts', 'a client that goes away in the middle takes what runs on its terminal with it'],
  ],
  'SH-07': [['packs/ssh.test.ts', 'no evasion passes, and none is refused for want of a rule']],
  'SH-08': [
    ['proxy/ssh/exec.test.ts', 'one channel of a shared connection waits, and the others go on'],
    ['proxy/ssh/exec.test.ts', 'the other kinds of channel and request are refused'],
    ['e2e/ssh-clients-held.test.ts', 'asyncssh does as well, and its symbolic links are made at the right end'],
    [
      'e2e/ssh-floods.test.ts',
      'a second command, shell, subsystem or terminal on a channel fails, and the connection lives on',
    ],
    ['e2e/ssh-floods.test.ts', 'more than sixty-four sessions on one connection are refused in words'],
  ],
  'SH-09': [
    ['protocol/ssh/sftp-names.test.ts', 'a name that would lead elsewhere is none'],
    ['e2e/ssh-odd-files.test.ts', 'a path is judged by where it leads, however it is written'],
    ['e2e/ssh-odd-files.test.ts', 'a handle serves what it was opened for, and nothing once it is closed'],
    ['e2e/ssh-files.test.ts', 'sftp gets and puts a tree, and every file of it is in the recording'],
    ['e2e/ssh-files.test.ts', 'scp ${form} copies both ways, with names, sizes and hashes in the recording'],
    ['proxy/ssh/files-real.test.ts', 'a link is judged by what it leads to'],
    ['proxy/ssh/files-real.test.ts', 'a link that is moved while its request waits does not change what was approved'],
    [
      'e2e/ssh-clients.test.ts',
      'wait for a second person where data crosses the border of the host, and go through then',
    ],
    ['e2e/ssh-clients.test.ts', 'rsync that sends its paths out of sight is held as not understood'],
    ['classify/shell/transfer-command.test.ts', '${JSON.stringify(text)} is not recognised'],
  ],
  'SH-10': [
    ['proxy/ssh/forwards.test.ts', 'that is switched off is refused without being judged, and recorded'],
    ['proxy/ssh/forwards.test.ts', 'is refused where it is no connection by TCP, and recorded'],
    ['proxy/ssh/forwards.test.ts', 'takes nothing at a port that nobody asked for'],
    ['proxy/ssh/exec.test.ts', 'the other kinds of channel and request are refused'],
    ['proxy/ssh/interactive.test.ts', 'to a port that nobody listens on, or to a socket of Unix, says so'],
  ],
  'SH-11': [
    ['proxy/ssh/exec.test.ts', 'of the environment only language and formats reach the target'],
    ['protocol/ssh/carry.test.ts', 'what a shell obeys without being told so is not kept, and that is said'],
    ['classify/shell/classify.test.ts', 'a line under variables that lead programs elsewhere says so in every command'],
    ['e2e/ssh-prompt.test.ts', 'what a line sets that would hide what later lines run is not kept, and that is said'],
  ],
  'SH-12': [
    ['recording/screen.test.ts', 'to whoever looks at it later, nothing happens: ${name}'],
    ['recording/cast.test.ts', 'a cast file holds no character that acts on a terminal'],
    ['recording/reader.test.ts', 'an asciicast keeps the pauses and makes escapes harmless'],
    ['recording/reader.test.ts', 'a page of HTML holds no markup but ours and lets no script run'],
  ],
  'SH-13': [
    ['proxy/ssh/prompt.test.ts', 'a directory with control characters in its name is drawn as text'],
    ['protocol/ssh/line-completion.test.ts', 'names with control characters, and one that was cut off, are left out'],
    ['protocol/ssh/public-key.test.ts', 'the comment of a key is kept without what a terminal would act on'],
    ['recording/replay.test.ts', 'the header of a replay shows names without their power over the terminal'],
    ['cli/terminal.test.ts', 'control, direction and invisible characters stand as escapes, line ends stay'],
  ],
  'SH-14': [
    [
      'recording/screen.test.ts',
      'as lines, everything that stood there is told once and in order, also what was wiped',
    ],
    ['recording/screen.test.ts', 'text that was hidden by its colours is marked, and shown'],
    [
      'recording/screen.test.ts',
      'a text is found on the screen with the moment, also where it scrolled away or was drawn by jumps',
    ],
    ['recording/replay.test.ts', 'lines keep their breaks and tabs, and a lone carriage return cannot overwrite'],
  ],
  'SH-15': [
    ['proxy/ssh/exec.test.ts', 'windows of no size and of thousands of sizes reach the target bounded and seldom'],
    ['proxy/ssh/exec.test.ts', 'a signal that the client sends reaches the target'],
    ['e2e/ssh-floods.test.ts', 'floods of small requests keep nobody else waiting, and cost no memory'],
  ],
  'SH-16': [
    [
      'e2e/ssh-prompt.test.ts',
      'what is typed without echo leaves a mark and nothing else, and what is shown leaves none',
    ],
    ['proxy/ssh/echo-watch.test.ts', 'key by key is told once, also where the program ends at once'],
  ],
  'SH-17': [
    [
      'e2e/ssh-prompt.test.ts',
      'what is typed without echo leaves a mark and nothing else, and what is shown leaves none',
    ],
    ['proxy/ssh/prompt.test.ts', 'a finished line is judged as it stands, runs wrapped, and the prompt comes back'],
  ],
  'SH-18': [
    ['packs/ssh.test.ts', 'no evasion passes, and none is refused for want of a rule'],
    ['e2e/ssh-files.test.ts', 'sftp gets and puts a tree, and every file of it is in the recording'],
    [
      'e2e/ssh-clients-held.test.ts',
      'a module is hidden code: held once a task with pipelining, and in several steps without',
    ],
  ],
  'SH-19': [
    ['mask/terminal.test.ts', '${JSON.stringify(input.toString().slice(0, 60))} comes out the same however it is cut'],
    [
      'proxy/ssh/exec.test.ts',
      'a card number in its output is cut down, over packets and in both outputs; the rest is not touched',
    ],
    ['e2e/ssh-session.test.ts', 'card numbers in output are cut down, and no recording has a whole one'],
  ],
  'SH-20': [
    ['mask/terminal.test.ts', 'no rendered line shows a card number, and every line is as wide as it was'],
    ['e2e/ssh-prompt.test.ts', 'full-screen programs have the terminal to themselves, and the prompt comes back'],
  ],
  'SH-21': [
    ['proxy/ssh/connection.test.ts', 'the listener offers modern algorithms alone, and the strict key exchange'],
  ],
  'SH-22': [
    ['proxy/ssh/login-proofs.test.ts', 'by a wrong password waits for the same work under every name'],
    ['proxy/ssh/login-proofs.test.ts', 'by a key waits for the same work under every name and with every key'],
    ['e2e/ssh-door.test.ts', 'a file of many keys is tried without a word about which of them is registered'],
    [
      'e2e/ssh-login-races.test.ts',
      'a name that nobody has, or could have, is refused in the words of a wrong password',
    ],
  ],
  'SH-23': [
    [
      'e2e/ssh-door.test.ts',
      'ten wrong ones lock the name for everything, and a name that does not exist in the same way',
    ],
    ['e2e/ssh-door.test.ts', 'the sixth wrong one ends the connection, and the whole of it is one failure'],
    ['proxy/ssh/connection.test.ts', 'takes up one of few places, and gives it back'],
    ['proxy/ssh/startups.test.ts', 'one address takes no more than its share of places, and gives each back once'],
    [
      'proxy/ssh/startups.test.ts',
      'an address whose connections come to nothing is slowed down, and one whose people log in is not',
    ],
    ['e2e/ssh-login-races.test.ts', 'given on four connections and at the web at once lets one of them in'],
    ['e2e/ssh-login-races.test.ts', 'that comes after the name was locked is worth nothing, and stays good'],
    ['e2e/ssh-login-races.test.ts', 'keys that are exchanged over and over before a login end the connection'],
  ],
  'SH-24': [
    ['proxy/ssh/dial.test.ts', 'another host key than the pinned one ends it before a login is tried'],
    ['e2e/ssh-host-ca.test.ts', 'with a certificate ${what} is not dialled at all'],
    ['e2e/ssh-bad-input.test.ts', 'a target with another host key than the pinned one'],
  ],
  'SH-25': [
    ['proxy/ssh/exec.test.ts', 'the other kinds of channel and request are refused'],
    ['proxy/ssh/dial.test.ts', 'a certificate of an authority that the host trusts lets us in without a standing key'],
  ],
  'SH-26': [
    ['protocol/ssh/certificate.test.ts', "a certificate ${what} ${why === undefined ? 'stands' : 'is refused'}"],
    [
      'protocol/ssh/certificate.test.ts',
      'a certificate that was cut anywhere or has one bit changed anywhere is refused',
    ],
    ['proxy/ssh/source-address.test.ts', '${source} is ${inside'],
    ['e2e/ssh-door.test.ts', '${what} lets nobody in'],
    [
      'e2e/ssh-login-races.test.ts',
      'over an RSA key that is too small, of a host, or signed with SHA-1 lets nobody in',
    ],
    ['e2e/ssh-login-races.test.ts', 'lets nobody in once its person is disabled'],
    ['e2e/ssh-login-races.test.ts', 'lets nobody in once the grant is taken back'],
  ],
  'SH-27': [
    ['e2e/ssh-floods.test.ts', 'packets of no length for a channel are refused in words, and hold up nobody'],
    [
      'e2e/ssh-floods.test.ts',
      'channels that are closed before anything was asked for are closed by the door too, and leave nothing',
    ],
    ['e2e/ssh-floods.test.ts', 'more input than its window allows ends the connection with words'],
    [
      'e2e/ssh-floods.test.ts',
      'a window of four gigabytes and a client that does not read: its target waits, and memory stays',
    ],
    ['e2e/ssh-floods.test.ts', 'keys that are exchanged over and over end the connection with words'],
    ['e2e/ssh-rekey.test.ts', 'while a command waits for a second person: it waits on, and runs as it was approved'],
    ['e2e/ssh-hostile-target.test.ts', 'says ${what}'],
    ['proxy/ssh/flow.test.ts', 'twenty may follow each other, and one that is begun has thirty seconds'],
    ['e2e/ssh-bad-input.test.ts', 'keys that are exchanged anew in the middle of a transfer change no byte of it'],
    ['e2e/ssh-bad-input.test.ts', 'pieces of no length and windows beyond every number change nothing'],
    [
      'e2e/ssh-bad-input.test.ts',
      'data after the end of a channel goes nowhere, and the channel ends as it would have',
    ],
    ['e2e/ssh-bad-input.test.ts', 'a command line of a megabyte is told so in words'],
  ],
  'SH-28': [
    [
      'http/console/live-stream.test.ts',
      'a watch shows what is there, is noted before its first line, and ends with the session',
    ],
    ['http/console/live-stream.test.ts', 'no recorded text ends a message of the stream or begins another'],
  ],
  'SH-29': [
    ['proxy/ssh/exec.test.ts', 'ends though a program goes on printing, and its person reads why'],
    ['proxy/ssh/exec.test.ts', 'does not end while a command without a terminal runs'],
  ],
  'SH-30': [
    ['proxy/ssh/exec.test.ts', 'a command line that cannot be read as the target would read it is refused with words'],
    ['e2e/ssh-bad-input.test.ts', 'a command line of a megabyte is told so in words'],
    ['proxy/ssh/prompt.test.ts', 'a login shell that is not bash is said, and there is no prompt'],
    ['protocol/ssh/carry.test.ts', 'other shells answer the probe in another way'],
    [
      'proxy/ssh/account-shell.test.ts',
      '${what} makes every line one that nobody understood, and it is asked for each time',
    ],
    [
      'classify/shell/classify.test.ts',
      'a line that nobody knows bash to read is not complete, and says why in every entry',
    ],
  ],
  'SH-31': [
    [
      'proxy/ssh/account-shell.test.ts',
      '${what} makes every line one that nobody understood, and it is asked for each time',
    ],
  ],
  'SH-32': [['packs/ssh.test.ts', 'what defeats the product is refused, behind wrappers too']],
}

/** What may go wrong at the SSH door, and the tests that play it before a real target. */
export const SSH_BAD_INPUT: Readonly<Record<string, readonly Play[]>> = {
  'garbage before the banner': [
    ['e2e/ssh-bad-input.test.ts', 'garbage before the banner is told so, noted, and nobody else is kept waiting'],
    ['proxy/ssh/connection.test.ts', 'but sends ${what} is told so at once and noted'],
  ],
  'a client that never authenticates': [
    ['e2e/ssh-door.test.ts', 'a client that has exchanged keys has two minutes to log in'],
    ['proxy/ssh/connection.test.ts', 'and never says what it is, is ended when the time for the key exchange is over'],
  ],
  'a changed upstream host key': [['e2e/ssh-bad-input.test.ts', 'a target with another host key than the pinned one']],
  'a window of size zero': [
    ['e2e/ssh-bad-input.test.ts', 'a client whose window stays at zero holds up its own output and nothing else'],
    [
      'proxy/ssh/exec.test.ts',
      'a client that does not read stops the target, not the proxy; it gets all of it when it reads again',
    ],
    ['proxy/ssh/exec.test.ts', 'windows of no size and of thousands of sizes reach the target bounded and seldom'],
  ],
  'a command line of a megabyte': [
    ['e2e/ssh-bad-input.test.ts', 'a command line of a megabyte is told so in words'],
    ['e2e/ssh-bad-input.test.ts', 'OpenSSH shows those words to its person'],
  ],
  'data after the end of a channel': [
    [
      'e2e/ssh-bad-input.test.ts',
      'data after the end of a channel goes nowhere, and the channel ends as it would have',
    ],
  ],
  'an upstream that dies in the middle of a transfer': [
    ['e2e/ssh-bad-input.test.ts', 'a target that dies in the middle of an sftp upload'],
    ['e2e/ssh-bad-input.test.ts', 'a target that dies in the middle of a command'],
    ['proxy/ssh/files.test.ts', 'whose target leaves in the middle is over, and says by whom'],
  ],
}
