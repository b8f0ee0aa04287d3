/** The words of `/me` in French. */

/** @type {import('./en-US.js').Words} */
export const words = {
  title: 'Votre code PIN téléphonique',
  loading: 'Un instant …',

  ask: {
    intro:
      'Vous avez oublié votre code PIN, ou en voulez un autre\u00a0? Nous envoyons un lien à votre adresse e-mail. Il vous permet de choisir un nouveau code.',
    identity: 'Adresse e-mail ou numéro de poste',
    send: 'Envoyer le lien',
    sending: 'Envoi …',
    done: 'Si ce compte existe et a une adresse e-mail, un lien est en route.',
    next: 'Ouvrez-le dans ce navigateur d’ici 15 minutes. Rien reçu\u00a0? Regardez dans les courriers indésirables et vérifiez votre saisie. Sinon, votre service d’assistance peut vous aider.',
    again: 'Demander un autre lien',
  },

  greeting: (name) => `Bonjour ${name}`,
  extension: 'Poste',
  statusTitle: 'La situation actuelle',
  pin: 'Code PIN',
  pinNone: 'Aucun',
  pinDue: 'Défini, mais à changer',
  pinSet: (time) => `Défini le ${time}`,
  sinceUnknown: 'jamais',
  expires: 'Expire',
  lock: 'Connexion par téléphone',
  notLocked: 'Ouverte',
  locked: (why, until) => `Bloquée ${why}${until === null ? '' : `, jusqu’au ${until}`}`,
  lockReasons: {
    administrator: 'par un administrateur',
    failures: 'après des essais manqués',
    'failure-cap': 'après trop d’essais manqués',
    inactivity: 'car elle n’a pas servi depuis longtemps',
  },
  liftsLock: 'Un nouveau code PIN la débloque.',
  keepsLock: 'Un nouveau code PIN ne la débloque pas\u00a0: seul votre service d’assistance le peut.',
  failed: 'Essais manqués',
  lastSignIn: 'Dernière connexion',

  chooseTitle: 'Choisissez un nouveau code PIN',
  rulesTitle: 'Un code PIN',
  rules: {
    length: (least) => `a au moins ${least} chiffres, et au plus 24`,
    personal: 'n’est ni votre poste, ni votre numéro de téléphone, ni votre nom sur le clavier',
    patterns:
      'n’est pas facile à deviner\u00a0: ni suite comme 123456, ni répétition, ni date, ni ligne sur le clavier',
    history: (count) =>
      count === 1 ? 'n’est pas celui que vous avez' : `n’est aucun de vos ${count} derniers`,
    lifetime: (days) => `est à changer après ${days} ${days === 1 ? 'jour' : 'jours'}`,
  },
  newPin: 'Nouveau code PIN',
  again: 'Nouveau code PIN, encore une fois',
  show: 'Montrer ce que je tape',
  accepted: 'Ce code PIN convient.',
  refused: 'Ce code PIN',
  set: 'Définir ce code PIN',
  setting: 'Enregistrement …',
  generateHint: 'Ou nous inventons un code PIN et vous le montrons une seule fois.',
  generate: 'Inventer un code PIN pour moi',
  until: (time) => `Ce lien fonctionne jusqu’à ${time}.`,

  done: {
    title: 'Votre nouveau code PIN est défini',
    text: 'Il est valable dès maintenant, et l’ancien ne l’est plus. Nous vous le disons aussi par e-mail.',
    locked:
      'Votre connexion par téléphone est toujours bloquée. Votre service d’assistance peut la débloquer.',
    once: 'Retenez-le maintenant\u00a0: il ne peut pas être montré à nouveau.',
    copy: 'Copier le code PIN',
    copied: 'Copié',
    notCopied: 'Sélectionnez-le et copiez-le à la main',
    hide: 'Le masquer',
    hidden: 'Le code PIN est masqué. Il ne peut pas être montré à nouveau.',
    hides: (seconds) => `Masqué dans ${seconds} ${seconds === 1 ? 'seconde' : 'secondes'}.`,
    call: (number) => `Pour vous connecter, appelez le ${number}.`,
    close: 'Vous pouvez fermer cette page.',
  },
  help: (contact) => `Votre service d’assistance\u00a0: ${contact}`,

  dead: 'Ce lien ne fonctionne pas',
  problems: {
    link_spent:
      'Ce lien a déjà servi, a plus de 15 minutes, ou votre code PIN a été changé entre-temps. Rien n’a été changé. Demandez un nouveau lien.',
    link_elsewhere:
      'Ce lien a été demandé dans un autre navigateur et ne fonctionne que là. Rien n’a été changé. Ouvrez-le là-bas, ou demandez-en un nouveau ici.',
    pins_differ: 'Vous avez saisi deux codes PIN différents. Saisissez deux fois le même.',
    too_many_links:
      'Beaucoup de liens ont été demandés d’ici. Attendez une heure, ou adressez-vous à votre service d’assistance.',
    busy: 'Il y a beaucoup à faire en ce moment. Rien n’a été changé. Réessayez dans quelques secondes.',
    unreachable: 'Il n’y a pas de réponse. Vérifiez votre connexion, puis réessayez.',
    csrf_token_missing:
      'Votre navigateur ne garde pas le cookie de cette page. Autorisez les cookies, rechargez la page et réessayez.',
    other: 'Cela n’a pas fonctionné. Rechargez la page et réessayez.',
  },

  refusals: {
    not_digits: 'contient autre chose que les chiffres de 0 à 9.',
    too_short: 'a trop peu de chiffres.',
    too_long: 'a plus de 24 chiffres.',
    repeated_digit: 'est un seul chiffre répété.',
    sequence: 'compte en montant ou en descendant.',
    repeated_group: 'répète un groupe de chiffres.',
    two_digits_only: 'n’a que deux chiffres différents.',
    keypad_line: 'est une ligne sur le clavier.',
    palindrome: 'se lit pareil à l’envers.',
    date_like: 'ressemble à une date.',
    contains_extension: 'contient votre numéro de poste.',
    ends_phone_number: 'est la fin de votre numéro de téléphone.',
    spells_name: 'épelle votre nom sur le clavier.',
    too_common: 'est choisi par beaucoup de gens.',
    recently_used: 'a déjà été le vôtre.',
    too_similar: 'ressemble trop à celui que vous avez.',
    changed_too_recently: 'ne peut pas être changé à nouveau si tôt.',
  },
};
