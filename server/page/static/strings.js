// Everything the page says: key, English, French if it differs.
const TABLE = `
title|Look at an ECG as the model does|Voir un ECG comme le modèle
device|Not a medical device, not for diagnosis.|Ni dispositif médical, ni aide au diagnostic.
choose|Choose files|Choisir des fichiers
drop|or drop them here|ou déposez-les ici
formats|Recordings: {kinds}. Beats: CSV, a row each.|Enregistrements : {kinds}. Battements : CSV.
rowsExample|Example: six beats|Exemple : six battements
recordingExample|Example: a recording|Exemple : un enregistrement
strap|Connect a Polar H10|Connecter une Polar H10
play|Play it live|Jouer en direct
stop|Stop|Arrêter
live|Live|En direct
cutOff|Cut off: {why}|Coupé : {why}
key|API key|Clé d’API
local|In this browser, too, to compare|Ici aussi, pour comparer
askGo|Show it|Afficher
leadName|Lead|Dérivation
unit|Unit of the numbers|Unité
rate|Sampling rate, Hz|Échantillonnage, Hz
working|Working …|En cours…
sending|Sending …|Envoi…
previous|Previous beat|Battement précédent
next|Next beat|Battement suivant
zoomIn|Zoom in|Agrandir
zoomOut|Zoom out|Réduire
earlier|Earlier|Plus tôt
later|Later|Plus tard
whole|Show all|Tout afficher
toScale|25 mm/s
trace|The signal on ECG paper|Le signal sur papier ECG
keys|Arrows, Page Up and Down, +, −, 0; drag, pinch, Ctrl+wheel.|Flèches, Page ↑↓, +, −, 0 ; glissez, pincez, Ctrl+molette.
beatSaid|Beat {number} of {all}, at {time}: {said}|Battement {number} sur {all}, à {time} : {said}
rowSaid|Row {number} of {all}: {said}|Ligne {number} sur {all} : {said}
heart_rate|Heart rate|Fréquence cardiaque
beats|Beats|Battements
rows|Rows|Lignes
duration_s|Duration|Durée
serverTime|Time the server took|Temps du serveur
localTime|Time this browser took|Temps du navigateur
version|Model version|Version du modèle
readable|Readable|Lisible
unreadable|unreadable|illisible
rhythm|Rhythm|Rythme
n|sinus or other regular rhythm|rythme sinusal ou régulier
af|atrial fibrillation or flutter|fibrillation ou flutter auriculaire
o|other rhythm|autre rythme
vf|ventricular fibrillation or flutter|fibrillation ou flutter ventriculaire
fromTo|From – to|De – à
compared|Both answers: {same} of {all} with the same class and place.|Les deux réponses : {same} sur {all} de même classe et place.
notCompared|Not compared in this browser: the signal has gaps or is long.|Non comparé ici : trous, ou trop long.
table|Table|Tableau
download|Download|Télécharger
number|No.|N°
time|Time, s|Temps, s
class|Class|Classe
meaning|Meaning|Signification
probability|Probability|Probabilité
mean_bpm|Mean|Moyenne
lowest_bpm|Lowest|Minimum
highest_bpm|Highest|Maximum
rate_bpm|rate|fréquence
supraventricular|Supraventricular|Supraventriculaires
ventricular|Ventricular|Ventriculaires
share|Share|Part
per_hour|Per hour|Par heure
highest_hour|Most|Le plus
couplets|Couplets|Doublets
runs|Runs|Salves
longest_run|Longest run|Salve longue
fastest_run|Fastest run|Salve rapide
bigeminy|Bigeminy|Bigéminisme
trigeminy|Trigeminy|Trigéminisme
episodes|Episodes|Épisodes
pauses|Pauses ≥ 2 s
count|Number|Nombre
longest|Longest|La plus longue
rr_s|RR
variability|Heart-rate variability|Variabilité du rythme
mean_nn_ms|Mean NN|NN moyen
sdnn_ms|SDNN
sdann_ms|SDANN
rmssd_ms|RMSSD
pnn50|pNN50
triangular_index|Triangular index|Indice triangulaire
lf_ms2|LF
hf_ms2|HF
lf_hf|LF/HF
fastest|Fastest|Le plus rapide
slowest|Slowest|Le plus lent
longest_pause|Longest pause|Longue pause
longest_S_run|Longest S run|Longue salve de S
longest_V_run|Longest V run|Longue salve de V
AF_onset|AF onset|Début de FA
least_sure|Least sure|Le moins sûr
models|The models|Les modèles
private|Files and key go only to this server; nothing is kept.|Fichiers et clé ne vont qu’à ce serveur ; rien n’est gardé.
N|normal, or conducted like a normal beat|normal, ou conduit comme tel
S|premature from above the ventricles|prématuré, né au-dessus des ventricules
V|from a ventricle|né dans un ventricule
F|fusion of a ventricular and a normal beat|fusion d’un ventriculaire et d’un normal
Q|paced, or not to be classified|stimulé, ou inclassable
reachable|This server did not answer.|Ce serveur n’a pas répondu.
localRun|The model did not run here: {why}|Échec ici : {why}
files|Expected one file of rows, or recordings.|Attendu : un fichier de lignes, ou des enregistrements.
otherKind|This is {article} {name} file; {kindsRead}|Fichier {name} : {kindsRead}
unknownKind|This file is of no kind that is known; {kindsRead}|Type de fichier inconnu : {kindsRead}
kindsRead|read are {kinds}: export it as one of these.|sont lus {kinds} ; exportez-le ainsi.
kinds|WFDB (.hea + .dat), EDF, BDF, DICOM, HL7 aECG, GE MUSE, Philips Sierra, SCP-ECG, ISHNE, AliveCor, OpenSignals, CSV
empty|This file is empty.|Ce fichier est vide.
damaged|This {kind} file is damaged or cut off.|Fichier {kind} endommagé ou tronqué.
noTable|Expected lines of numbers: there are none.|Attendu : des lignes de nombres.
csvLine|Line {line}: expected {n} numbers.|Ligne {line} : attendu {n} nombres.
absurd|Expected at most ±1e6 mV: is the unit right?|Attendu : au plus ±1e6 mV .
times|{place}: expected times in even steps forwards.|{place} : attendu des temps réguliers.
tooLong|Expected at most {most} samples, found {found}.|Attendu : {most} échantillons au plus ; trouvé {found}.
numberedHeader|The first line only numbers the columns: delete it.|La première ligne ne fait que numéroter.
otherColumns|Expected the model’s features, by name or without a header.|Attendu : les variables du modèle.
beside|Expected the file {file} beside it: the header and its signal files together.|Attendu aussi : {file}.
format|Expected {known}, this is {format}.|Attendu : {known} ; voici {format}.
noWaveform|Expected an original waveform: there is none.|Aucun tracé original.
shorter|{found} of {said} samples or records are there.|{found} sur {said}, le reste manque.
defaultGain|No gain of {name}: WFDB’s 200 a mV is taken.|Gain de {name} : 200 par mV (WFDB).
group|Waveform group {number} of {count}: the longest original.|Groupe {number} sur {count}, le plus long.
series|The longest of {count} series is taken.|La plus longue de {count} séries.
rhythms|The longest of {count} rhythms is taken.|Le plus long de {count} rythmes.
derived|This lead is computed from I and II.|Dérivation calculée à partir de I et II.
dataSheet|mV by the data sheet of the ECG sensor: {volts} V and a gain of {gain}.|mV d’après la fiche du capteur : {volts} V, gain {gain}.
converted|Converted when it was exported: its numbers are taken for mV.|Déjà converti à l’export : nombres lus en mV.
timeUnit|Time is taken for {unit}.|Temps lu en {unit}.
leftOut|Columns left out: {columns}.|Colonnes laissées : {columns}.
gaps|{seconds} s without signal.|{seconds} s sans signal.
`;

export const strings = Object.fromEntries(TABLE.trim().split("\n").map(line => line.split("|")).map(([key, ...words]) => [key, words]));
