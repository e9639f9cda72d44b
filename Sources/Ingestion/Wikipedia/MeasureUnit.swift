/// The units of measure that `convert` knows by their codes, with what a reader sees of them.
///
/// Names, symbols, sizes and usual counterparts follow the table of English Wikipedia's template as its
/// page documents it; a unit that is missing here is shown by its code and not converted. To add one,
/// add a row.
struct MeasureUnit {
  /// What two units must share so that one can be told in the other.
  var kind: Substring
  var symbol: String
  var singular: String
  var plural: String
  /// The unit's size in the kind's own unit of measure.
  var scale: Double
  /// Where the scale begins: 273.15 for degrees Celsius, 0 for all but temperatures.
  var offset = 0.0
  /// The codes of the units in which it is told where the page names none.
  var counterparts: [String]

  /// Finds a unit by its code.
  static func named(_ code: String) -> MeasureUnit? {
    known(code) ?? multiple(code)
  }

  private static func known(_ code: String) -> MeasureUnit? {
    table[code] ?? table[code.lowercased()]
  }

  /// A unit told in thousands, millions or more: `e6acre` is a million acres.
  private static func multiple(_ code: String) -> MeasureUnit? {
    for (prefix, word, size) in multiples where code.utf8.starts(with: prefix.utf8) {
      guard var unit = known(String(code.dropFirst(prefix.count))), unit.offset == 0 else {
        return nil
      }
      unit.symbol = word + " " + unit.symbol
      unit.singular = word + " " + unit.singular
      unit.plural = word + " " + unit.plural
      unit.scale *= size
      unit.counterparts = unit.counterparts.map { prefix + $0 }
      return unit
    }
    return nil
  }

  private static let multiples: [(prefix: String, word: String, size: Double)] = [
    ("e3", "thousand", 1e3), ("e6", "million", 1e6), ("e9", "billion", 1e9),
    ("e12", "trillion", 1e12), ("e15", "quadrillion", 1e15),
  ]

  /// The unit spelled as in the United States.
  var american: MeasureUnit {
    var unit = self
    for (british, american) in [("metre", "meter"), ("litre", "liter")] {
      unit.singular = unit.singular.replacing(british, with: american)
      unit.plural = unit.plural.replacing(british, with: american)
    }
    return unit
  }

  /// Codes, kind, symbol, singular, plural, scale, offset and counterparts.
  private static let rows = """
    mm|length|mm|millimetre|millimetres|0.001||in
    cm|length|cm|centimetre|centimetres|0.01||in
    dm|length|dm|decimetre|decimetres|0.1||in
    m|length|m|metre|metres|1||ft
    km|length|km|kilometre|kilometres|1000||mi
    in,inch,inches|length|in|inch|inches|0.0254||mm
    ft,foot,feet|length|ft|foot|feet|0.3048||m
    yd,yard|length|yd|yard|yards|0.9144||m
    mi,mile,miles|length|mi|mile|miles|1609.344||km
    nmi|length|nmi|nautical mile|nautical miles|1852||km mi
    fathom|length|fathoms|fathom|fathoms|1.8288||ft m
    furlong|length|furlongs|furlong|furlongs|201.168||m
    chain|length|chains|chain|chains|20.1168||m
    hand|length|h|hand|hands|0.1016||in cm
    um,µm,μm|length|μm|micrometre|micrometres|0.000001||in
    nm|length|nm|nanometre|nanometres|0.000000001||
    ly|length|ly|light-year|light-years|9460730472580800||
    au|length|au|astronomical unit|astronomical units|149597870700||
    pc|length|pc|parsec|parsecs|30856775814913673||ly
    mm2|area|mm²|square millimetre|square millimetres|0.000001||sqin
    cm2|area|cm²|square centimetre|square centimetres|0.0001||sqin
    m2,sqm|area|m²|square metre|square metres|1||sqft
    km2,sqkm|area|km²|square kilometre|square kilometres|1000000||sqmi
    sqin,in2|area|sq in|square inch|square inches|0.00064516||cm2
    sqft,ft2|area|sq ft|square foot|square feet|0.09290304||m2
    sqyd|area|sq yd|square yard|square yards|0.83612736||m2
    sqmi,mi2|area|sq mi|square mile|square miles|2589988.110336||km2
    acre,acres|area|acres|acre|acres|4046.8564224||ha
    ha,hectare|area|ha|hectare|hectares|10000||acre
    cm3,cc|volume|cm³|cubic centimetre|cubic centimetres|0.000001||cuin
    m3|volume|m³|cubic metre|cubic metres|1||cuft
    km3|volume|km³|cubic kilometre|cubic kilometres|1000000000||cumi
    cuft,ft3|volume|cu ft|cubic foot|cubic feet|0.028316846592||m3
    cuin,in3|volume|cu in|cubic inch|cubic inches|0.000016387064||cm3
    cuyd,yd3|volume|cu yd|cubic yard|cubic yards|0.764554857984||m3
    cumi|volume|cu mi|cubic mile|cubic miles|4168181825.440579584||km3
    ml|volume|ml|millilitre|millilitres|0.000001||impoz usoz
    cl|volume|cl|centilitre|centilitres|0.00001||impoz usoz
    l,litre|volume|L|litre|litres|0.001||impgal usgal
    usgal,gal|volume|US gal|US gallon|US gallons|0.003785411784||l impgal
    impgal|volume|imp gal|imperial gallon|imperial gallons|0.00454609||l usgal
    usoz|volume|US fl oz|US fluid ounce|US fluid ounces|0.0000295735295625||ml
    impoz|volume|imp fl oz|imperial fluid ounce|imperial fluid ounces|0.0000284130625||ml usoz
    uspt|volume|US pt|US pint|US pints|0.000473176473||l
    imppt|volume|imp pt|imperial pint|imperial pints|0.00056826125||l
    oilbbl|volume|bbl|barrel|barrels|0.158987294928||m3
    mg|mass|mg|milligram|milligrams|0.000001||gr
    g|mass|g|gram|grams|0.001||oz
    kg|mass|kg|kilogram|kilograms|1||lb
    t,tonne,tonnes|mass|t|tonne|tonnes|1000||lt ST
    lb,lbs|mass|lb|pound|pounds|0.45359237||kg
    oz|mass|oz|ounce|ounces|0.028349523125||g
    ozt|mass|ozt|troy ounce|troy ounces|0.0311034768||oz g
    gr|mass|gr|grain|grains|0.00006479891||g
    st|mass|st|stone|stone|6.35029318||lb kg
    ST,ston|mass|short tons|short ton|short tons|907.18474||lt t
    lt,ton|mass|long tons|long ton|long tons|1016.0469088||t
    km/h,kph|speed|km/h|kilometre per hour|kilometres per hour|0.27777777777777778||mph
    mph|speed|mph|mile per hour|miles per hour|0.44704||km/h
    m/s|speed|m/s|metre per second|metres per second|1||ft/s
    km/s|speed|km/s|kilometre per second|kilometres per second|1000||mi/s
    mi/s|speed|mi/s|mile per second|miles per second|1609.344||km/s
    ft/s|speed|ft/s|foot per second|feet per second|0.3048||m/s
    ft/min|speed|ft/min|foot per minute|feet per minute|0.00508||m/s
    kn,knot|speed|kn|knot|knots|0.51444444444444444||km/h mph
    m3/s|flow|m³/s|cubic metre per second|cubic metres per second|1||cuft/s
    cuft/s|flow|cu ft/s|cubic foot per second|cubic feet per second|0.028316846592||m3/s
    c,°c|temperature|°C|degree Celsius|degrees Celsius|1|273.15|f
    f,°f|temperature|°F|degree Fahrenheit|degrees Fahrenheit|0.55555555555555556|459.67|c
    k|temperature|K|kelvin|kelvins|1|0|c f
    C-change|temperature change|°C|degree Celsius|degrees Celsius|1.8||F-change
    F-change|temperature change|°F|degree Fahrenheit|degrees Fahrenheit|1||C-change
    w|power|W|watt|watts|1||hp
    kw|power|kW|kilowatt|kilowatts|1000||hp
    MW|power|MW|megawatt|megawatts|1000000||hp
    gw|power|GW|gigawatt|gigawatts|1000000000||hp
    hp|power|hp|horsepower|horsepower|745.69987158227||kw
    bhp|power|bhp|brake horsepower|brake horsepower|745.69987158227||kw
    shp|power|shp|shaft horsepower|shaft horsepower|745.69987158227||kw
    ihp|power|ihp|indicated horsepower|indicated horsepower|745.69987158227||kw
    ps|power|PS|metric horsepower|metric horsepower|735.49875||kw hp
    j|energy|J|joule|joules|1||ftlbf
    kj|energy|kJ|kilojoule|kilojoules|1000||kcal
    mj|energy|MJ|megajoule|megajoules|1000000||kwh
    cal|energy|cal|calorie|calories|4.184||j
    kcal|energy|kcal|kilocalorie|kilocalories|4184||kj
    kwh|energy|kWh|kilowatt-hour|kilowatt-hours|3600000||mj
    ftlbf|energy|ft⋅lbf|foot-pound force|foot-pounds force|1.3558179483314||j
    Nm|torque|N⋅m|newton-metre|newton-metres|1||lbft
    lbft|torque|lb⋅ft|pound force-foot|pound force-feet|1.3558179483314||Nm
    n|force|N|newton|newtons|1||lbf
    kN|force|kN|kilonewton|kilonewtons|1000||lbf
    lbf|force|lbf|pound-force|pounds-force|4.4482216152605||n
    pa|pressure|Pa|pascal|pascals|1||psi
    kpa|pressure|kPa|kilopascal|kilopascals|1000||psi
    mpa|pressure|MPa|megapascal|megapascals|1000000||psi
    hpa|pressure|hPa|hectopascal|hectopascals|100||inhg
    mbar|pressure|mbar|millibar|millibars|100||inhg
    bar|pressure|bar|bar|bars|100000||psi
    atm|pressure|atm|atmosphere|atmospheres|101325||psi kpa
    psi|pressure|psi|pound per square inch|pounds per square inch|6894.7572931684||kpa
    inhg|pressure|inHg|inch of mercury|inches of mercury|3386.388640341||kpa
    pd/sqkm,pd/km2,/km2,/sqkm|density|/km²|inhabitant per square kilometre|\
    inhabitants per square kilometre|1||pd/sqmi
    pd/sqmi,/sqmi|density|/sq mi|inhabitant per square mile|inhabitants per square mile|\
    0.38610215854245||pd/sqkm
    kg/m3|mass density|kg/m³|kilogram per cubic metre|kilograms per cubic metre|1||
    g/cm3|mass density|g/cm³|gram per cubic centimetre|grams per cubic centimetre|1000||
    mpgus,mpg-us|economy|mpg‑US|mile per US gallon|miles per US gallon|1||
    rpm|rate|rpm|revolution per minute|revolutions per minute|1||
    hz|rate|Hz|hertz|hertz|1||
    """

  private static let table: [String: MeasureUnit] = {
    var table: [String: MeasureUnit] = [:]
    for row in rows.split(separator: "\n") {
      let parts = row.split(separator: "|", omittingEmptySubsequences: false)
      let unit = MeasureUnit(
        kind: parts[1],
        symbol: String(parts[2]),
        singular: String(parts[3]),
        plural: String(parts[4]),
        scale: Double(parts[5]) ?? 1,
        offset: Double(parts[6]) ?? 0,
        counterparts: parts[7].split(separator: " ").map(String.init)
      )
      for code in parts[0].split(separator: ",") { table[String(code)] = unit }
    }
    return table
  }()
}
