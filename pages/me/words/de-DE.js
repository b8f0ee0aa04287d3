/** The words of `/me` in German. */

/** @type {import('./en-US.js').Words} */
export const words = {
  title: 'Ihre Telefon-PIN',
  loading: 'Einen Moment …',

  ask: {
    intro:
      'PIN vergessen, oder möchten Sie eine andere? Wir senden einen Link an Ihre E-Mail-Adresse. Damit wählen Sie eine neue PIN.',
    identity: 'E-Mail-Adresse oder Durchwahl',
    send: 'Link senden',
    sending: 'Wird gesendet …',
    done: 'Wenn es ein solches Konto mit E-Mail-Adresse gibt, ist ein Link unterwegs.',
    next: 'Öffnen Sie ihn innerhalb von 15 Minuten in diesem Browser. Nichts angekommen? Sehen Sie im Spam-Ordner nach, und prüfen Sie Ihre Eingabe. Sonst hilft Ihr Helpdesk.',
    again: 'Noch einen Link anfordern',
  },

  greeting: (name) => `Guten Tag, ${name}`,
  extension: 'Durchwahl',
  statusTitle: 'Stand der Dinge',
  pin: 'PIN',
  pinNone: 'Keine',
  pinDue: 'Vorhanden, muss aber geändert werden',
  pinSet: (time) => `Gesetzt: ${time}`,
  sinceUnknown: 'nie',
  expires: 'Läuft ab',
  lock: 'Anmeldung per Telefon',
  notLocked: 'Offen',
  locked: (why, until) => `Gesperrt ${why}${until === null ? '' : `, bis ${until}`}`,
  lockReasons: {
    administrator: 'durch die Administration',
    failures: 'nach Fehlversuchen',
    'failure-cap': 'nach zu vielen Fehlversuchen',
    inactivity: 'weil sie lange nicht benutzt wurde',
  },
  liftsLock: 'Eine neue PIN hebt die Sperre auf.',
  keepsLock: 'Eine neue PIN hebt die Sperre nicht auf: Das kann nur Ihr Helpdesk.',
  failed: 'Fehlversuche',
  lastSignIn: 'Letzte Anmeldung',

  chooseTitle: 'Neue PIN wählen',
  rulesTitle: 'Eine PIN',
  rules: {
    length: (least) => `hat mindestens ${least} und höchstens 24 Ziffern`,
    personal: 'ist nicht Ihre Durchwahl, Ihre Telefonnummer oder Ihr Name auf der Tastatur',
    patterns:
      'ist nicht leicht zu erraten: keine Reihe wie 123456, keine Wiederholung, kein Datum, keine Linie auf der Tastatur',
    history: (count) => (count === 1 ? 'ist nicht die, die Sie haben' : `ist keine Ihrer letzten ${count}`),
    lifetime: (days) => `muss nach ${days} ${days === 1 ? 'Tag' : 'Tagen'} geändert werden`,
  },
  newPin: 'Neue PIN',
  again: 'Neue PIN noch einmal',
  show: 'Eingabe zeigen',
  accepted: 'Diese PIN ist möglich.',
  refused: 'Diese PIN',
  set: 'Diese PIN setzen',
  setting: 'Wird gesetzt …',
  generateHint: 'Oder wir denken uns eine PIN aus und zeigen sie Ihnen einmal.',
  generate: 'Eine PIN für mich ausdenken',
  until: (time) => `Dieser Link gilt bis ${time}.`,

  done: {
    title: 'Ihre neue PIN ist gesetzt',
    text: 'Sie gilt ab sofort, die bisherige nicht mehr. Wir schreiben Ihnen das auch per E-Mail.',
    locked: 'Ihre Anmeldung per Telefon ist weiterhin gesperrt. Ihr Helpdesk kann sie entsperren.',
    once: 'Merken Sie sie sich jetzt: Sie kann nicht noch einmal gezeigt werden.',
    copy: 'PIN kopieren',
    copied: 'Kopiert',
    notCopied: 'Bitte markieren und von Hand kopieren',
    hide: 'Verbergen',
    hidden: 'Die PIN ist verborgen. Sie kann nicht noch einmal gezeigt werden.',
    hides: (seconds) => `Wird in ${seconds} ${seconds === 1 ? 'Sekunde' : 'Sekunden'} verborgen.`,
    call: (number) => `Um sich anzumelden, rufen Sie ${number} an.`,
    close: 'Sie können diese Seite schließen.',
  },
  help: (contact) => `Ihr Helpdesk: ${contact}`,

  dead: 'Dieser Link gilt nicht',
  problems: {
    link_spent:
      'Dieser Link wurde schon benutzt, ist älter als 15 Minuten, oder Ihre PIN wurde inzwischen geändert. Es hat sich nichts geändert. Fordern Sie einen neuen Link an.',
    link_elsewhere:
      'Dieser Link wurde in einem anderen Browser angefordert und gilt nur dort. Es hat sich nichts geändert. Öffnen Sie ihn dort, oder fordern Sie hier einen neuen an.',
    pins_differ: 'Sie haben zwei verschiedene PINs eingegeben. Geben Sie zweimal dieselbe ein.',
    too_many_links:
      'Von hier wurden viele Links angefordert. Warten Sie eine Stunde, oder fragen Sie Ihren Helpdesk.',
    busy: 'Im Moment ist viel zu tun. Es hat sich nichts geändert. Versuchen Sie es in ein paar Sekunden noch einmal.',
    unreachable: 'Es kommt keine Antwort. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.',
    csrf_token_missing:
      'Ihr Browser behält kein Cookie dieser Seite. Erlauben Sie Cookies, laden Sie die Seite neu, und versuchen Sie es noch einmal.',
    other: 'Das hat nicht geklappt. Laden Sie die Seite neu, und versuchen Sie es noch einmal.',
  },

  refusals: {
    not_digits: 'enthält etwas anderes als die Ziffern 0 bis 9.',
    too_short: 'hat zu wenige Ziffern.',
    too_long: 'hat mehr als 24 Ziffern.',
    repeated_digit: 'ist immer dieselbe Ziffer.',
    sequence: 'zählt hinauf oder hinunter.',
    repeated_group: 'wiederholt eine Gruppe von Ziffern.',
    two_digits_only: 'hat nur zwei verschiedene Ziffern.',
    keypad_line: 'ist eine Linie auf der Tastatur.',
    palindrome: 'liest sich rückwärts gleich.',
    date_like: 'sieht wie ein Datum aus.',
    contains_extension: 'enthält Ihre Durchwahl.',
    ends_phone_number: 'ist das Ende Ihrer Telefonnummer.',
    spells_name: 'ergibt Ihren Namen auf der Tastatur.',
    too_common: 'wählen viele Leute.',
    recently_used: 'hatten Sie schon einmal.',
    too_similar: 'gleicht zu sehr der, die Sie haben.',
    changed_too_recently: 'kann so bald nicht wieder geändert werden.',
  },
};
