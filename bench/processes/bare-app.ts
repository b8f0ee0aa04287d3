/**
 * A webhook as the least application would answer it: Express parses the form, the provider's library checks the signature, and the answer
 * is always the same. No state, no log.
 */
import express from 'express';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { authToken, publicUrl } from '../frame/settings.ts';

const twiml = `<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Gather input="dtmf" finishOnKey="#" timeout="10" action="${publicUrl}/voice/steps/the-same-step-again/keys" method="POST">
    <Say voice="Polly.Joanna-Neural" language="en-US">Enter your extension, then pound.</Say>
  </Gather>
  <Redirect method="POST">${publicUrl}/voice/steps/the-same-step-again/silence</Redirect>
</Response>
`;

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.urlencoded({ extended: false }));
app.post(/^\/voice/, (request, response) => {
  const signature = request.get('x-twilio-signature') ?? '';
  if (!validateRequest(authToken, signature, publicUrl + request.path, request.body)) {
    response.status(403).send('The signature does not fit.');
    return;
  }
  response.type('text/xml').send(twiml);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on ${typeof address === 'object' && address !== null ? address.port : ''}`);
});

// A process that a signal ends leaves no profile.
process.once('SIGTERM', () => process.exit());
