// Pieces of spelling that correct a count of vowel groups. Made by syllable_patterns.py from
// the CMU Pronouncing Dictionary (beside its notice in CPronunciations); not edited by hand.

/// Where counting vowel groups is wrong: pieces of words, `^` and `$` being a word's ends.
enum SyllablePatterns {
  /// Each occurrence adds a syllable.
  static let more = """
    ^acquir ^alien ^coe ^dya ^heroi ^hya ^ion ^lion ^mca ^mce ^mcha ^mci ^mcle ^our ^paol ^rea
    ^reen ^rein ^reun ^rya ^zair abler acre aea aic$ aoi aon asm$ atore aue aya ayo ayu ayy bion
    biou bling bre$ brya bya ccro cda cde cdu cga cge cgi cgla cglo cgra cgu ciano ciat cipie
    cling$ cmo coart coinc cone$ coor creat croat cua cya dient dion diou dke$ dre$ dred$ dres$
    dua ea$ eadj eand eea eeho eely$ eeman$ eemp eex eidl eing$ eism$ eitera eity eles$ eneal eo
    ereal eue eum$ eus$ eya eyo flinge flui fre$ fred$ gling grande$ gre$ hua$ ia iale$ ichi$
    iell ieman$ ience ienn ier$ iere$ iest$ iet iewsk ifiers io$ ioc iod iof iog iok iol iom
    ione$ iop ior iore$ ios iot iox ischl ism$ isms iu iy jes$ kooi leman$ lement liel linea
    lione liou lua luen lyan lyo mcca mccla mccle mccli mcclu mcco mccra mccre mccu mcdo mcfa
    mcgo mcgre mcka mcke mcki mcla mcli mcma mcme mcmi mcmu mcna mcne mcni mcqu mion myo nale$
    ncrem ndren$ ngler$ nte$ ntes$ nua nuclea nuit oa$ oales oelec oenin oer$ oers$ oever oey
    oic$ oing oniou orea oua oue oya oyo permea pion pired plinge poet pre$ pua reeme reimb
    rient riers$ rion riou rreact rrone$ rua ruer ruin ryo scient sexu sler$ stia$ sual suer
    theist tke$ tre$ tres$ trophe tua tui tzke$ uey ui$ uies uing uis$ uo$ uou uya uyo vares
    verde$ vion vious vre$ wya yen yer yett yeu yev$ yin yis zion zyb zzlin
    """

  /// Each occurrence takes one away.
  static let fewer = """
    ^fore ^georg ^gia ^home ^horse ^life ^reach ^read ^reag ^ream ^reaso ^reav ^reine ^rosem
    ^sales ^sides ^space ^stone ^type ^white ^yer acema aceo akef arecr arriag awy busine ceste
    cheon cia demann dgec dgeh dgep ebook ebreak edown eful ehol ehou ekeep eless elier elines
    ely$ eman$ ement emore$ empera eness eout eov esbo estone esvi etrack every eway geon geou
    gewo gior giu gue$ gued$ gues$ guing ically idew iell$ ietz iliar ineber inelan interes jeo
    lians lle$ lled$ lles$ nehar orea$ oseb peop piet que$ ques$ qui$ reinh rled$ rles$ rliam
    sewo sia$ sian somet ssler tia$ tial tian velan vior visu willia wisec wled$
    """
}
