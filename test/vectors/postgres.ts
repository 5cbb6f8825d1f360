import type {
  BackendMessage,
  FrontendMessage,
  GssResponse,
  SaslInitialResponse,
  SaslResponse,
} from '../../src/protocol/postgres/messages.ts'
import type { StartupPacket } from '../../src/protocol/postgres/startup.ts'

/** One message as bytes and as value; the spaces in `hex` stand between its parts. Written from the manual's chapter "Message Formats". */
export interface Vector<Message> {
  readonly about: string
  readonly hex: string
  readonly message: Message
}

/** The bytes of a vector. */
export const bytesOf = (vector: { readonly hex: string }): Buffer => Buffer.from(vector.hex.replaceAll(' ', ''), 'hex')

export const FRONTEND_VECTORS: readonly Vector<FrontendMessage>[] = [
  {
    about: 'a text with letters beyond ASCII',
    hex: '51 00000017 53454c4543542027c3a9e282acf09f98802700',
    message: { name: 'query', text: "SELECT 'é€😀'" },
  },
  { about: 'nothing at all', hex: '51 00000005 00', message: { name: 'query', text: '' } },
  {
    about: 'named, one type given and one left open',
    hex: '50 0000001f 733100 53454c4543542024312c20243200 0002 00000017 00000000',
    message: { name: 'parse', statement: 's1', text: 'SELECT $1, $2', parameterTypes: [23, 0] },
  },
  {
    about: 'an OID above 2^31',
    hex: '50 0000000d 00 7800 0001 ffffffff',
    message: { name: 'parse', statement: '', text: 'x', parameterTypes: [4294967295] },
  },
  {
    about: 'a text, a NULL and an empty value, with a format for each',
    hex: '42 00000026 703100 733100 0003 0000 0001 0000 0003 00000002 3432 ffffffff 00000000 0001 0001',
    message: {
      name: 'bind',
      portal: 'p1',
      statement: 's1',
      parameterFormats: ['text', 'binary', 'text'],
      parameters: [Buffer.from('42'), null, Buffer.alloc(0)],
      resultFormats: ['binary'],
    },
  },
  {
    about: 'no parameters, no formats',
    hex: '42 0000000c 00 00 0000 0000 0000',
    message: { name: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] },
  },
  {
    about: 'a prepared statement',
    hex: '44 00000008 53 733100',
    message: { name: 'describe', subject: 'statement', subjectName: 's1' },
  },
  {
    about: 'the unnamed portal',
    hex: '44 00000006 50 00',
    message: { name: 'describe', subject: 'portal', subjectName: '' },
  },
  {
    about: 'a limit of rows',
    hex: '45 0000000b 703100 00000064',
    message: { name: 'execute', portal: 'p1', maxRows: 100 },
  },
  { about: 'a portal', hex: '43 00000008 50 703100', message: { name: 'close', subject: 'portal', subjectName: 'p1' } },
  {
    about: 'a prepared statement',
    hex: '43 00000008 53 733100',
    message: { name: 'close', subject: 'statement', subjectName: 's1' },
  },
  { about: 'no body', hex: '53 00000004', message: { name: 'sync' } },
  { about: 'no body', hex: '48 00000004', message: { name: 'flush' } },
  { about: 'no body', hex: '58 00000004', message: { name: 'terminate' } },
  { about: 'no body', hex: '63 00000004', message: { name: 'copyDone' } },
  {
    about: 'a call by OID with two arguments in one format',
    hex: '46 0000001c 0000063e 0001 0001 0002 00000004 00000007 ffffffff 0000',
    message: {
      name: 'functionCall',
      functionOid: 1598,
      argumentFormats: ['binary'],
      arguments: [Buffer.from([0, 0, 0, 7]), null],
      resultFormat: 'text',
    },
  },
  {
    about: 'two rows in one piece',
    hex: '64 0000000c 3109610a3209620a',
    message: { name: 'copyData', bytes: Buffer.from('1\ta\n2\tb\n') },
  },
  { about: 'a reason', hex: '66 0000000c 6e6f206d6f726500', message: { name: 'copyFail', reason: 'no more' } },
]

export const PASSWORD_VECTORS: readonly Vector<{ name: 'password'; password: string }>[] = [
  { about: 'in clear', hex: '70 0000000c 68756e7465723200', message: { name: 'password', password: 'hunter2' } },
]

export const SASL_VECTORS: readonly Vector<SaslInitialResponse | SaslResponse | GssResponse>[] = [
  {
    about: 'first word',
    hex: '70 00000021 534352414d2d5348412d32353600 0000000b 6e2c2c6e3d2c723d616263',
    message: { name: 'saslInitialResponse', mechanism: 'SCRAM-SHA-256', response: Buffer.from('n,,n=,r=abc') },
  },
  {
    about: 'first word without a response',
    hex: '70 00000016 534352414d2d5348412d32353600 ffffffff',
    message: { name: 'saslInitialResponse', mechanism: 'SCRAM-SHA-256', response: null },
  },
  {
    about: 'later word',
    hex: '70 0000001a 633d626977732c723d6162636465662c703d41413d3d',
    message: { name: 'saslResponse', response: Buffer.from('c=biws,r=abcdef,p=AA==') },
  },
  { about: 'a token', hex: '70 00000008 01020003', message: { name: 'gssResponse', token: Buffer.from([1, 2, 0, 3]) } },
]

export const BACKEND_VECTORS: readonly Vector<BackendMessage>[] = [
  { about: 'done', hex: '52 00000008 00000000', message: { name: 'authenticationOk' } },
  { about: 'Kerberos V5', hex: '52 00000008 00000002', message: { name: 'authenticationKerberosV5' } },
  { about: 'password in clear', hex: '52 00000008 00000003', message: { name: 'authenticationCleartextPassword' } },
  {
    about: 'md5 with its salt',
    hex: '52 0000000c 00000005 010003ff',
    message: { name: 'authenticationMd5Password', salt: Buffer.from([1, 0, 3, 255]) },
  },
  { about: 'GSSAPI', hex: '52 00000008 00000007', message: { name: 'authenticationGss' } },
  {
    about: 'GSSAPI goes on',
    hex: '52 0000000b 00000008 090008',
    message: { name: 'authenticationGssContinue', token: Buffer.from([9, 0, 8]) },
  },
  { about: 'SSPI', hex: '52 00000008 00000009', message: { name: 'authenticationSspi' } },
  {
    about: 'two mechanisms',
    hex: '52 0000002a 0000000a 534352414d2d5348412d3235362d504c555300 534352414d2d5348412d32353600 00',
    message: { name: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
  },
  {
    about: 'challenge',
    hex: '52 0000001a 0000000b 723d61622c733d63513d3d2c693d34303936',
    message: { name: 'authenticationSaslContinue', challenge: Buffer.from('r=ab,s=cQ==,i=4096') },
  },
  {
    about: 'proof of the server',
    hex: '52 0000000e 0000000c 763d41413d3d',
    message: { name: 'authenticationSaslFinal', outcome: Buffer.from('v=AA==') },
  },
  {
    about: 'key of protocol 3.0',
    hex: '4b 0000000c 00001267 deadbeef',
    message: { name: 'backendKeyData', processId: 4711, key: Buffer.from('deadbeef', 'hex') },
  },
  {
    about: 'key of protocol 3.2',
    hex: '4b 00000028 00001267 0707070707070707070707070707070707070707070707070707070707070707',
    message: { name: 'backendKeyData', processId: 4711, key: Buffer.alloc(32, 7) },
  },
  { about: 'no body', hex: '32 00000004', message: { name: 'bindComplete' } },
  { about: 'no body', hex: '33 00000004', message: { name: 'closeComplete' } },
  { about: 'no body', hex: '63 00000004', message: { name: 'copyDone' } },
  { about: 'no body', hex: '49 00000004', message: { name: 'emptyQueryResponse' } },
  { about: 'no body', hex: '6e 00000004', message: { name: 'noData' } },
  { about: 'no body', hex: '31 00000004', message: { name: 'parseComplete' } },
  { about: 'no body', hex: '73 00000004', message: { name: 'portalSuspended' } },
  {
    about: 'a tag with a count',
    hex: '43 00000010 44454c455445203530303000',
    message: { name: 'commandComplete', commandTag: 'DELETE 5000' },
  },
  { about: 'a row', hex: '64 00000009 31095c4e0a', message: { name: 'copyData', bytes: Buffer.from('1\t\\N\n') } },
  {
    about: 'text into two columns',
    hex: '47 0000000b 00 0002 0000 0000',
    message: { name: 'copyInResponse', format: 'text', columnFormats: ['text', 'text'] },
  },
  {
    about: 'binary out of one column',
    hex: '48 00000009 01 0001 0001',
    message: { name: 'copyOutResponse', format: 'binary', columnFormats: ['binary'] },
  },
  {
    about: 'no columns',
    hex: '57 00000007 00 0000',
    message: { name: 'copyBothResponse', format: 'text', columnFormats: [] },
  },
  {
    about: 'a value, NULL and the empty string',
    hex: '44 00000016 0003 00000004 34313131 ffffffff 00000000',
    message: { name: 'dataRow', cells: [Buffer.from('4111'), null, Buffer.alloc(0)] },
  },
  { about: 'no columns', hex: '44 00000006 0000', message: { name: 'dataRow', cells: [] } },
  {
    about: 'severity, code, message',
    hex: '45 0000001e 53 4552524f5200 56 4552524f5200 43 343235303100 4d 6e6f00 00',
    message: {
      name: 'errorResponse',
      fields: new Map([
        ['S', 'ERROR'],
        ['V', 'ERROR'],
        ['C', '42501'],
        ['M', 'no'],
      ]),
    },
  },
  {
    about: 'severity, code, message',
    hex: '4e 0000001a 53 4e4f5449434500 43 303030303000 4d 68656c6400 00',
    message: {
      name: 'noticeResponse',
      fields: new Map([
        ['S', 'NOTICE'],
        ['C', '00000'],
        ['M', 'held'],
      ]),
    },
  },
  {
    about: 'a value',
    hex: '56 00000009 00000001 78',
    message: { name: 'functionCallResponse', value: Buffer.from('x') },
  },
  { about: 'SQL NULL', hex: '56 00000008 ffffffff', message: { name: 'functionCallResponse', value: null } },
  {
    about: '3.0 and one option that is not known',
    hex: '76 00000013 00030000 00000001 5f70715f2e7800',
    message: { name: 'negotiateProtocolVersion', version: 196608, unknownOptions: ['_pq_.x'] },
  },
  {
    about: 'a payload',
    hex: '41 00000010 00000063 6300 68656c6c6f00',
    message: { name: 'notificationResponse', processId: 99, channel: 'c', payload: 'hello' },
  },
  {
    about: 'two types',
    hex: '74 0000000e 0002 00000019 000006a4',
    message: { name: 'parameterDescription', types: [25, 1700] },
  },
  {
    about: 'a setting',
    hex: '53 00000019 636c69656e745f656e636f64696e6700 5554463800',
    message: { name: 'parameterStatus', parameter: 'client_encoding', value: 'UTF8' },
  },
  { about: 'idle', hex: '5a 00000005 49', message: { name: 'readyForQuery', status: 'idle' } },
  { about: 'transaction', hex: '5a 00000005 54', message: { name: 'readyForQuery', status: 'transaction' } },
  { about: 'failed', hex: '5a 00000005 45', message: { name: 'readyForQuery', status: 'failed' } },
  {
    about: 'a column of a table and an expression',
    hex: '54 00000037 0002 70616e00 00004010 0003 00000413 ffff 00000017 0000 3f636f6c756d6e3f00 00000000 0000 00000017 0004 ffffffff 0001',
    message: {
      name: 'rowDescription',
      fields: [
        { name: 'pan', tableOid: 16400, attnum: 3, typeOid: 1043, typeSize: -1, typeModifier: 23, format: 'text' },
        { name: '?column?', tableOid: 0, attnum: 0, typeOid: 23, typeSize: 4, typeModifier: -1, format: 'binary' },
      ],
    },
  },
]

export const STARTUP_VECTORS: readonly Vector<StartupPacket>[] = [
  { about: 'TLS, please', hex: '00000008 04d2162f', message: { name: 'sslRequest' } },
  { about: 'GSSAPI encryption, please', hex: '00000008 04d21630', message: { name: 'gssEncRequest' } },
  {
    about: 'cancel, 3.0',
    hex: '00000010 04d2162e 00001267 deadbeef',
    message: { name: 'cancelRequest', processId: 4711, key: Buffer.from('deadbeef', 'hex') },
  },
  {
    about: 'cancel, 3.2',
    hex: '0000002c 04d2162e 00001267 0707070707070707070707070707070707070707070707070707070707070707',
    message: { name: 'cancelRequest', processId: 4711, key: Buffer.alloc(32, 7) },
  },
  {
    about: '3.0 with two parameters',
    hex: '00000029 00030000 7573657200 616c69636540636172647300 646174616261736500 636172647300 00',
    message: {
      name: 'startup',
      minor: 0,
      parameters: new Map([
        ['user', 'alice@cards'],
        ['database', 'cards'],
      ]),
      options: new Map(),
    },
  },
  {
    about: '3.2 with a protocol option',
    hex: '0000001b 00030002 7573657200 626f6200 5f70715f2e7800 3100 00',
    message: {
      name: 'startup',
      minor: 2,
      parameters: new Map([['user', 'bob']]),
      options: new Map([['_pq_.x', '1']]),
    },
  },
]
