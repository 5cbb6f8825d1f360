/** A test that plays a threat: its file below `test/`, and what its name says there, word for word. */
export type Play = readonly [file: string, name: string]

/**
 * The threats to the approval plane (AP) and to recordings and those who look at them (RA), each with the tests that play it. What is not played has its reason in
 * place of tests.
 */
export const THREATS: Readonly<Record<string, readonly Play[] | string>> = {
  'AP-01': [
    ['http/approvals.test.ts', 'a GET or HEAD of bots decides nothing, twenty at a time'],
    ['http/console/approvals.test.ts', 'twenty bots that fetch the link decide nothing'],
    ['http/events.test.ts', 'a HEAD opens no stream, at any number'],
  ],
  'AP-02': [
    ['http/console/sign-in.test.ts', 'before the sign-in a link tells nothing, and the same for ids that do not exist'],
    ['http/console/sign-in.test.ts', 'every page has a strict policy, and nothing of it stands inline'],
    ['http/api.test.ts', 'a token that is unknown, malformed, in the URL or of a disabled person is nobody'],
  ],
  'AP-03': [
    ['approvals/approvals.test.ts', 'saying the same again is the same answer, also after the end'],
    ['approvals/races.test.ts', 'of a hundred parallel claims of one quorum one succeeds'],
    ['http/console/approvals.test.ts', 'a sign-in for one approval is no factor for another, nor later, nor twice'],
  ],
  'AP-04': [
    ['approvals/approvals.test.ts', 'the owner of a service account cannot countersign for it'],
    [
      'approvals/approvals.test.ts',
      'two of two: the second person completes it, the same person twice or by two accounts does not',
    ],
    ['approvals/approvals.test.ts', 'of a quorum of two, the yes of somebody who is gone counts neither'],
    ['http/approvals.test.ts', 'a role gained after the statement was held does not count'],
    ['access/requests.test.ts', 'who becomes an approver after it was asked does not decide it'],
    ['approvals/as-they-stand.test.ts', 'not from somebody who ${end} since the token was looked at'],
    ['access/as-they-stand.test.ts', 'a yes of somebody who ${end} since the token was looked at opens nothing'],
    ['e2e/approvers-attacked.test.ts', 'a role that is taken away while the answer trickles in opens no access'],
  ],
  'AP-05': [
    ['approvals/reciprocal.test.ts', 'a rule may refuse it: bob cannot approve for alice within the time'],
    ['http/scripts.test.ts', 'a rule that takes no favour in return refuses before a code is spent'],
  ],
  'AP-06': [
    ['http/visible.test.ts', 'blanks and empty lines that push text out of sight become one mark with their counts'],
    ['http/visible.test.ts', 'every mark and label is ASCII'],
    ['http/approvals.test.ts', 'what deceives is marked and warned of'],
    ['http/console/approvals.test.ts', 'what deceives stands as a mark on the page, with a warning before it'],
  ],
  'AP-07': [
    ['http/approvals.test.ts', 'a statement that no person could read is not shown and cannot be approved, but denied'],
    ['http/console/approvals.test.ts', 'what cannot be shown whole has no approve form'],
    ['http/scripts.test.ts', 'what is too much for a person is not approved'],
  ],
  'AP-08': [['http/lying-comments.test.ts', 'AP-08']],
  'AP-09': [['approvals/digest.test.ts', 'no two of the changed subjects share a digest']],
  'AP-10': [
    ['session/guard.test.ts', 'a hold whose rows have moved far beyond what was shown is asked anew'],
    [
      'e2e/approver-view.test.ts',
      'a table that has grown tenfold between the approval and the run is asked about anew',
    ],
  ],
  'AP-11': [
    [
      'approvals/approvals.test.ts',
      'the clock decides and not the timer: an answer in the last millisecond counts, one at the end does not',
    ],
    ['http/approvals.test.ts', 'an approval that ran out by the clock is a conflict though nobody has marked it'],
  ],
  'AP-12': [
    ['approvals/approvals.test.ts', 'a quorum is worth nothing once ${what}'],
    ['e2e/access-ends.test.ts', 'what waits is void with the grant, and nobody is asked any more'],
    ['http/trickling.test.ts', 'a token that ends while the body trickles in decides nothing'],
    ['http/trickling.test.ts', 'a form that trickles in behind the end of its sign-in decides nothing'],
    [
      'e2e/approvers-attacked.test.ts',
      'whoever is stopped may sign in and look, and countersigns nothing with right factors',
    ],
    ['store/stops.test.ts', 'whoever is stopped lets nobody in again, not themselves and not by an account of theirs'],
  ],
  'AP-13': [
    ['approvals/races.test.ts', 'a thousand raced holds each have one end, at most one claim'],
    ['access/request-races.test.ts', 'a thousand raced answers to one request give one outcome, and one grant at most'],
  ],
  'AP-14': [
    ['approvals/races.test.ts', 'killed between claim and end: unknown, never again claimable; what waited is void'],
    ['approvals/scripts.test.ts', 'after a crash a running script is unknown for ever'],
    ['e2e/bad-node.test.ts', 'a node that is killed while a statement waits voids the approval'],
  ],
  'AP-15': [
    ['approvals/approvals.test.ts', 'a lost store makes every waiting hold void, by hand and by the timer'],
    ['approvals/races.test.ts', 'after a crash the approvals of the new process do not run the old ones'],
    ['session/guard.test.ts', 'a store that opens no holds refuses'],
  ],
  'AP-16': [
    ['approvals/approvals.test.ts', 'a decision that another process made reaches the hold when it is reconciled'],
    ['approvals/approvals.test.ts', 'a hold that was made void elsewhere is told once'],
    ['wiring/messages.test.ts', 'a process that dies between a change and its messages loses none'],
    ['e2e/messages-survive.test.ts', 'a message outlives the process that made it, under its id'],
  ],
  // Nothing calls back here: what can be forged is a message of ours, at its receiver.
  'AP-17': [
    ['notify/webhook.test.ts', 'every mutation of a signed delivery fails'],
    ['notify/webhook.test.ts', 'the id of a delivery stands inside what is signed'],
  ],
  'AP-18': [
    ['notify/webhook.test.ts', 'every spelling of a metadata service is out of reach'],
    ['notify/webhook.test.ts', 'a name is resolved once and the connection goes to the address that was checked'],
    ['notify/webhook.test.ts', 'a redirect to ${to} ends the delivery'],
    ['notify/webhook.test.ts', 'what carries another address inside it, and what is no network of anybody’s'],
  ],
  'AP-19': [
    ['http/console/sign-in.test.ts', 'a form of another content type, or of none, does nothing'],
    ['http/console/sign-in.test.ts', 'a form without the token of its own sign-in does nothing'],
    ['http/api.test.ts', 'a browser of another site cannot post to the API even with a token'],
    ['http/api.test.ts', 'only application/json is accepted by the API'],
    ['http/console/terminal.test.ts', 'a form of another site, of nobody’s sign-in or of no type confirms nothing'],
  ],
  'AP-20': [
    ['http/console/sign-in.test.ts', 'a sign-in gives a new key and ends the one before; a planted key opens nothing'],
    ['http/console/approvals.test.ts', 'the key before a decision opens nothing once the moment of grace is over'],
    ['access/login.test.ts', 'a token ends after fifteen idle minutes, after twelve hours'],
  ],
  'AP-21': [
    ['access/login.test.ts', 'a code is good once, at all doors together, and an older one is not good after it'],
    ['access/login.test.ts', 'of many parallel uses of one code exactly one succeeds'],
    ['access/totp.test.ts', 'a code is right one step before and after its own, and in no other'],
    ['access/login.test.ts', 'ten failures at any door lock the others too'],
    ['access/passkeys.test.ts', 'an answer is good once, however often it is sent'],
    ['access/passkeys.test.ts', 'a step-up answer counts for its person and its purpose alone, and for two minutes'],
  ],
  'AP-22': [
    ['approvals/approvals.test.ts', 'a flood of holds is bounded by person, by target and by hour'],
    ['wiring/messages.test.ts', 'a person who asks too often is told of once, and what was left out is shown as such'],
    ['access/requests.test.ts', 'a flood of requests is refused'],
    ['http/events.test.ts', 'one person cannot take every place'],
  ],
  'AP-23': [
    ['http/api.test.ts', 'walking ids tells a stranger nothing: what exists and what does not answer alike'],
    ['http/api.test.ts', 'lists hold only what the viewer may see'],
    ['http/evidence.test.ts', 'a person pages, searches and exports their own recording; to anybody else'],
  ],
  'AP-24': [
    ['http/console/every-page.test.ts', 'nothing that somebody typed, sent or named is markup on any page'],
    ['http/console/approvals.test.ts', 'is inert text in every field of an approval'],
    ['e2e/console-hostile.test.ts', 'nothing runs, nothing is blocked, nothing is unreadable'],
    ['evidence/csv.test.ts', 'what a spreadsheet would run is text, behind an apostrophe'],
    ['notify/message.test.ts', 'what a chat would render as markup, mention or link is plain'],
    ['notify/message.test.ts', 'nothing that looks like a host stays one, in any script'],
    ['proxy/postgres/refusals.test.ts', 'nothing that somebody typed draws on the terminal of whoever asked'],
    [
      'e2e/approvers-attacked.test.ts',
      'the reason of a denial neither draws on the terminal of whoever asked, nor speaks in our name',
    ],
  ],
  'AP-25': [
    ['http/console/sign-in.test.ts', 'every page has a strict policy, and nothing of it stands inline'],
    ['http/console/approvals.test.ts', 'the decision stands after the whole text, and no text is cut'],
  ],
  'AP-26': [['wiring/log.test.ts', 'AP-26']],
  'AP-27': [
    ['policy/pattern.test.ts', 'a pattern that would keep a backtracking engine busy for years answers at once'],
    ['mask/pan.test.ts', 'hundreds of thousands of digits take linear time'],
    ['http/visible.test.ts', 'a quarter of a megabyte of hostile text takes linear time'],
    ['approvals/near-denied.test.ts', 'two very long statements are compared in no time'],
  ],
  'AP-28': [
    ['wiring/notes.test.ts', 'a change of the packs says what was in force before and after, and which files differ'],
    ['wiring/notes.test.ts', 'packs that were changed while nothing ran show at the next start'],
    ['session/guard.test.ts', 'what was cleared is judged anew once ${about} moved'],
  ],
  'AP-29': [
    ['e2e/break-glass.test.ts', 'a review stays open that blocks the next incident until another person signs'],
    ['approvals/break-glass.test.ts', 'of a hundred raced uses of one hold one clears it'],
    ['wiring/tidings.test.ts', 'break-glass and its review are told to everybody, the reason to nobody'],
  ],
  'AP-30': [
    ['http/approvals.test.ts', 'card numbers never leave, in text, values, names or gaps'],
    ['e2e/canary.test.ts', 'neither the API nor the page shows one, to approvers and to auditors'],
  ],
  'AP-31': [
    ['approvals/near-denied.test.ts', 'a denied statement that differs in a word is named with the number of words'],
    ['e2e/approver-view.test.ts', 'whoever asks again after a denial is shown to do so'],
  ],
  'AP-32': [
    ['http/approvals.test.ts', 'approving takes the person from the token, the digest and a fresh code'],
    ['http/approvals.test.ts', 'a wrong digest, a wrong code and a used code decide nothing'],
    ['http/access-requests.test.ts', 'a decision without a right code changes nothing'],
  ],
  'AP-33': [['http/routes.test.ts', 'links are built from the configured address, whatever Host says']],
  // No route takes the word of a chat or of a mail.
  'AP-34': [
    ['notify/formats.test.ts', 'Teams gets runs of text and one link, ours'],
    ['http/routes.test.ts', 'AP-34'],
  ],
  'RA-01': [
    ['recording/verify.test.ts', 'verify names ${what}'],
    ['recording/verify.test.ts', 'a flip of any single bit of any file of a recording is found'],
    ['recording/verify.test.ts', 'swapped event files of two sessions are named as lines of the other session'],
  ],
  'RA-02': [
    ['recording/verify.test.ts', 'verify names ${what}'],
    ['recording/verify.test.ts', 'a session that the running node has open is no problem; elsewhere it is'],
    ['recording/cast.test.ts', 'verify names a cast file whose tail was cut'],
  ],
  'RA-03': [
    ['recording/recover.test.ts', 'a session whose folder is gone after a crash is named lost and stays a problem'],
    ['evidence/reports.test.ts', 'a chain report names what was changed, cut, removed and added'],
  ],
  // Whoever has the key signs anew: the head that was written down elsewhere, and a pinned key, show it (docs/limits.md).
  'RA-04': [
    ['recording/verify.test.ts', 'a pinned key refuses recordings that are sound but signed by another'],
    ['recording/verify.test.ts', 'a chain that was rewritten from a changed event on is betrayed by its checkpoint'],
  ],
  'RA-05': [
    ['recording/writer.test.ts', '${what} breaks the recording for good, and the recorder takes no new session'],
    ['recording/writer.test.ts', 'a failed fdatasync breaks the recording for good'],
    ['e2e/bad-node.test.ts', 'a full disk ends the sessions with a reason, loses nothing that was acknowledged'],
  ],
  'RA-06': [
    ['recording/kill.test.ts', 'kill -9 at random points loses nothing that was handed over'],
    ['recording/recover.test.ts', 'a half-written last line is moved into events.torn'],
  ],
  'RA-07': [
    ['proxy/postgres/recorded-first.test.ts', 'a statement is with the kernel before its bytes are at the upstream'],
    [
      'proxy/postgres/recorded-first.test.ts',
      'a recording whose ${breaks} fails ends the session and forwards nothing',
    ],
  ],
  'RA-08': [
    ['recording/line.test.ts', 'a wall clock that is set is believed within a millisecond'],
    ['recording/line.test.ts', 'ten thousand stamps of the machine never go back'],
    ['notify/outbox.test.ts', 'a clock that is set back keeps no message waiting'],
  ],
  'RA-09': [
    ['e2e/canary.test.ts', 'no file holds one: recordings, ledger, database'],
    ['e2e/canary.test.ts', 'no webhook tells one'],
    ['e2e/canary.test.ts', 'neither the API nor the page shows one, to approvers and to auditors'],
  ],
  'RA-10': [
    [
      'mask/pan.test.ts',
      'misses nothing that the search finds, whatever the digits, separators, neighbours and offsets',
    ],
    ['e2e/canary.test.ts', 'no file holds one: recordings, ledger, database'],
  ],
  'RA-11': [
    [
      'classify/sql/redact.test.ts',
      'literals that are not proved clear are withheld, and the rest of the text is kept',
    ],
    ['classify/sql/redact.test.ts', 'a token carries the tag of what stood there'],
  ],
  'RA-12': [['session/values.test.ts', '${about} that is not proved clear is a keyed token']],
  'RA-13': [
    [
      'http/console/replay.test.ts',
      'recordings are read by auditors, security and whoever it was, each time with a note',
    ],
    ['evidence/views.test.ts', 'a second page waits until the first one’s entry is on the disk'],
    ['http/console/sign-in.test.ts', 'pages are never kept'],
    ['e2e/ledger.test.ts', 'PCI DSS ${requirement}'],
  ],
  'RA-14': [
    ['evidence/huge.test.ts', 'a recording of 200,000 events opens and seeks at once'],
    ['recording/reader.test.ts', 'a line beyond the cap is refused before it is in memory whole'],
    ['recording/writer.test.ts', 'an event longer than a line may be is refused whole and the recording lives on'],
    ['e2e/console-replay.test.ts', 'a long recording stays quick'],
  ],
  'RA-15': [
    ['http/console/replay.test.ts', 'whatever was recorded is text: no field of any event becomes markup'],
    ['recording/replay.test.ts', 'the header of a replay shows names without their power over the terminal'],
    ['recording/reader.test.ts', 'a page of HTML holds no markup but ours and lets no script run'],
    ['recording/reader.test.ts', 'an asciicast keeps the pauses and makes escapes harmless'],
  ],
  'RA-16': [['e2e/faithful.test.ts', 'RA-16']],
  // One key signs for as long as there is a data folder; a second one is a stranger's.
  'RA-17': [
    ['recording/reader.test.ts', 'the signing key is made once, for its owner alone'],
    ['recording/verify.test.ts', 'a session that another node recorded and signed is unlisted and has no key here'],
  ],
  'RA-18':
    'Countersign deletes no recording, so that none goes too early; how long to keep them is for the archive (docs/guide.md)',
  'RA-19': [
    ['recording/writer.test.ts', 'a second recording under a taken id is refused and leaves the first as it was'],
  ],
  'RA-20': [
    ['recording/writer.test.ts', 'pending events are bounded: beyond 256 KiB they are handed over at once'],
    ['approvals/approvals.test.ts', 'a flood of holds is bounded by person, by target and by hour'],
  ],
  'RA-21': [
    ['e2e/bad-input.test.ts', 'each login that failed is in the ledger, with where it came from and nothing secret'],
    ['http/turned.test.ts', 'the API tells of a dead token, a missing role and another site'],
    ['wiring/notes.test.ts', 'whoever is turned away is told at once'],
  ],
  'RA-22':
    'root on the machine is beyond what a process can withstand: the first rows of docs/limits.md say so, and what helps',
  'RA-23': [
    ['recording/writer.test.ts', 'an event longer than a line may be is refused whole and the recording lives on'],
    ['http/approvals.test.ts', 'a statement that no person could read is not shown and cannot be approved, but denied'],
  ],
  'RA-24': [
    ['proxy/postgres/results.test.ts', 'an upstream that closes in the middle of a result leaves its end unknown'],
    ['e2e/bad-node.test.ts', 'a node that is killed while an approved statement runs leaves the approval unknown'],
  ],
  'RA-25': [
    ['http/console/replay.test.ts', 'what was withheld is a token that no statement can type'],
    [
      'http/console/approvals.test.ts',
      'line feeds and withheld values of our own are no odd characters in lists; typed ones are',
    ],
  ],
}

/** Input that goes wrong without anybody's intent, and the tests that show a clear answer to it. */
export const BAD_INPUT: Readonly<Record<string, readonly Play[]>> = {
  'a stale tab': [
    ['http/console/approvals.test.ts', 'a stale tab is told who decided what and when, and decides nothing'],
    ['http/console/terminal.test.ts', 'a tab that was left open asks for a factor before it signs anything in'],
  ],
  'a double click': [
    ['http/console/approvals.test.ts', 'one cookie sent ten times at once uses its sign-in once'],
    ['http/approvals.test.ts', 'a second word of the same person changes nothing and spends no code'],
  ],
  'a wrong code': [
    ['http/approvals.test.ts', 'a wrong digest, a wrong code and a used code decide nothing'],
    ['http/access-requests.test.ts', 'a decision without a right code changes nothing'],
  ],
  'a clock five minutes off': [
    ['http/clock-off.test.ts', 'a phone whose clock is five minutes off'],
    ['approvals/approvals.test.ts', 'the clock decides and not the timer'],
  ],
  'a webhook endpoint that hangs': [
    ['notify/webhook.test.ts', 'a receiver that never answers costs the time limit and no more'],
    ['notify/outbox.test.ts', 'one channel that hangs keeps no other waiting'],
    ['notify/resolve.test.ts', 'a name server that hangs holds two lookups, however many are asked for'],
    ['e2e/messages-survive.test.ts', 'a message outlives the process that made it, under its id'],
  ],
  'a webhook endpoint that redirects to a private address': [
    ['notify/webhook.test.ts', 'a redirect to ${to} ends the delivery'],
    ['notify/chat.test.ts', '${kind}: a redirect to a metadata service ends it'],
    ['e2e/messages-survive.test.ts', 'a message outlives the process that made it, under its id'],
  ],
  'an approval link for somebody else': [
    ['http/console/approvals.test.ts', 'who may not see it is told that there is nothing'],
  ],
  'a reason of five megabytes': [
    ['http/console/approvals.test.ts', 'a reason of five megabytes is refused with a page, and nothing is decided'],
    ['access/requests.test.ts', 'a wish that cannot be kept says why, and nothing is kept of it'],
    ['http/api.test.ts', 'a body over 64 kB is refused, with and without a Content-Length'],
  ],
  'a rule with an unknown role': [['policy/unknown-role.test.ts', 'a rule that names an unknown role']],
  'a script changed by one byte': [
    ['e2e/scripts.test.ts', 'a script that was changed by one byte is refused before anything of it runs'],
    ['session/script-run.test.ts', 'one byte more, another order, values, or another message end the run'],
  ],
}
