# ruff: noqa: E501 - one scale, one line
"""Assessment scales: code, what it measures, its range and which way is better.

Source  NHS England, MHSDS assessments workbook (nhsengland/MHSDS, MIT) beside the score rules of
        MHSDS v6 (nhsengland/Reusable-Code-Library, BSD-3). Where both give a range and the two
        differ, only a score inside both is taken. Direction: the instruments' own manuals, given
        only where it is beyond doubt. Terms are the workbook's, not a SNOMED CT release's.
Rule    One scale and version is one code; `series` joins the codes of one instrument, so that a
        first and a last score can be paired although the code changed between them.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """One score of one version of one instrument."""

    code: str
    term: str
    tool: str
    version: str
    low: float
    high: float
    better: str
    """Which way is better: lower, higher, or empty where no source says."""
    not_known: str = ""
    """The score that means "not known"; it is no measurement."""
    series: str = ""
    """The code all versions of this score share; empty where there is only one."""


_TABLE: Final = """\
1323791000000108|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Other psychoactive substance score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|1|||
1108251000000100|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Opioid total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|3|||
1108201000000101|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Tobacco total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|1|||
1108211000000104|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Alcohol total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|12|||
1108221000000105|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Cannabis total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|3|||
1108241000000103|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Sedative total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|3|||
1108231000000107|Adapted Alcohol, Smoking and Substance Involvement Screening Test Lite - Stimulant total score|ASSIST-Lite (Adapted Alcohol, Smoking and Substance Involvement Screening Test)|v1|0|3|||
1323721000000105|Binge Eating Scale score|Binge Eating Scale score|v1|0|46|||
961031000000108|Brief Parental Self-Efficacy Scale score|Brief Parental Self Efficacy Scale (BPSES)|v1|5|25|||734919008
734919008|Brief Parental Self-Efficacy Scale score|Brief Parental Self Efficacy Scale (BPSES)|v2|5|25|||734919008
718431003|Child Group Session Rating Scale score|Child Group Session Rating Score (CGSRS)|v2|0|40|||718431003
960771000000103|Child Group Session Rating Scale score|Child Group Session Rating Score (CGSRS)|v1|0|40|||718431003
718458005|Child Outcome Rating Scale total score|Child Outcome Rating Scale (CORS)|v2|0|40|higher||718458005
960321000000103|Child Outcome Rating Scale total score|Child Outcome Rating Scale (CORS)|v1|0|40|higher||718458005
718762000|Child Session Rating Scale score|Child Session Rating Scale (CSRS)|v2|0|40|||718762000
1036271000000108|Child Session Rating Scale score|Child Session Rating Scale (CSRS)|v1|0|40|||718762000
860591000000104|Childrens global assessment scale score|Childrens Global Assessment Scale (CGAS)|v2|1|100|||
718152002|Revised Child Impact of Events Scale score|Childrens Revised Impact of Event Scale (8) (CRIES 8)|v2|0|40|||725081001
725081001|Revised Child Impact of Events Scale score|Childrens Revised Impact of Event Scale (8) (CRIES 8)|v3|0|40|||725081001
960181000000100|Revised Child Impact of Events Scale score|Childrens Revised Impact of Event Scale (8) (CRIES 8)|v1|0|40|||725081001
718583008|Clinical Outcomes in Routine Evaluation - 10 clinical score|Clinical Outcomes in Routine Evaluation 10 (CORE 10)|v2|0|40|lower||718583008
958051000000104|Clinical Outcomes in Routine Evaluation - 10 clinical score|Clinical Outcomes in Routine Evaluation 10 (CORE 10)|v1|0|40|lower||718583008
1035681000000101|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 1 score - I feel that the people who have seen my child listened to me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035711000000102|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 2 score - it was easy to talk to the people who have seen my child|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035721000000108|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 3 score - I was treated well by the people who have seen my child|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035731000000105|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 4 score - my views and worries were taken seriously|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035741000000101|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 5 score - I feel the people here know how to help with the problem I came for|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035761000000100|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 6 score - I have been given enough explanation about the help available here|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035771000000107|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 7 score - I feel that the people who have seen my child are working together to help with the problem(s)|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035781000000109|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 8 score - the facilities here are comfortable (e.g. waiting area)|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035791000000106|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 9 score - the appointments are usually at a convenient time (e.g. do not interfere with work, school)|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035801000000105|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 10 score - it is quite easy to get to the place where the appointments are|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035811000000107|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 11 score - if a friend needed similar help, I would recommend that he or she come here|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035821000000101|Commission for Health Improvement Experience of Service Questionnaire Parent or Carer item 12 score - overall, the help I have received here is good|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035861000000109|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 1 score - I feel that the people who saw me listened to me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035871000000102|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 2 score - it was easy to talk to the people who saw me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035881000000100|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 3 score - I was treated well by the people who saw me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035891000000103|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 4 score - my views and worries were taken seriously|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035901000000102|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 5 score - I feel the people here know how to help me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035911000000100|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 6 score - I have been given enough explanation about the help available here|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035921000000106|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 7 score - I feel that the people who have seen me are working together to help me|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035931000000108|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 8 score - the facilities here are comfortable (e.g. waiting area)|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035941000000104|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 9 score - my appointments are usually at a convenient time (e.g. do not interfere with school, clubs, college, work)|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035951000000101|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 10 score - it is quite easy to get to the place where I have my appointments|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035961000000103|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 11 score - if a friend needed this sort of help, I would suggest to them to come here|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035971000000105|Commission for Health Improvement Experience of Service Questionnaire self-report for 12-18 year olds item 12 score - overall, the help I have received here is good|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035981000000107|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 1 score - did the people who saw you listen to you?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1035991000000109|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 2 score - was it easy to talk to the people who saw you?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036001000000108|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 3 score - how were you treated by the people who saw you?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036011000000105|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 4 score - were your views and worries taken seriously?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036021000000104|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 5 score - do you feel that the people here know how to help you?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036031000000102|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 6 score - were you given enough explanation about the help available here?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036041000000106|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 7 score - do you feel that the people here are working together to help you?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036061000000107|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 8 score - the facilities here (like the waiting area) are|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036051000000109|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 9 score - the time of my appointments was|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036071000000100|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 10 score - the place where I had my appointments was|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036081000000103|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 11 score - if a friend needed this sort of help, do you think they should come here?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
1036091000000101|Commission for Health Improvement Experience of Service Questionnaire self-report for 9-11 year olds item 12 score - has the help you got here been good?|Commission for Health Improvement Experience of Service Questionnaire (CHI-ESQ)|v2|1|3||999|
718889002|Comprehensive Assessment of At-Risk Mental States - disorganised speech frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718889002
718918004|Comprehensive Assessment of At-Risk Mental States - disorganised speech global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718918004
718894002|Comprehensive Assessment of At-Risk Mental States - disorganised speech level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|100|||718894002
718885008|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718885008
718892003|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718892003
718915001|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|100|||718915001
718891005|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718891005
718917009|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718917009
718886009|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|100|||718886009
718884007|Comprehensive Assessment of At-Risk Mental States - unusual thought content frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718884007
718888005|Comprehensive Assessment of At-Risk Mental States - unusual thought content global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|6|||718888005
718887000|Comprehensive Assessment of At-Risk Mental States - unusual thought content level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v2|0|100|||718887000
1037571000000108|Comprehensive Assessment of At-Risk Mental States - disorganised speech frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718889002
1037561000000101|Comprehensive Assessment of At-Risk Mental States - disorganised speech global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718918004
1037581000000105|Comprehensive Assessment of At-Risk Mental States - disorganised speech level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|100|||718894002
1037591000000107|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718885008
1037541000000102|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718892003
1037601000000101|Comprehensive Assessment of At-Risk Mental States - non-bizarre ideas level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|100|||718915001
1037611000000104|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718891005
1037551000000104|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718917009
1037621000000105|Comprehensive Assessment of At-Risk Mental States - perceptual abnormalities level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|100|||718886009
1037631000000107|Comprehensive Assessment of At-Risk Mental States - unusual thought content frequency and duration score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718884007
1037531000000106|Comprehensive Assessment of At-Risk Mental States - unusual thought content global rating scale score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|6|||718888005
1037641000000103|Comprehensive Assessment of At-Risk Mental States - unusual thought content level of distress score|Comprehensive Assessment of At-Risk Mental States (CAARMS)|v1|0|100|||718887000
718492008|Clinical Outcomes in Routine Evaluation Outcome Measure Well being score|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v1|0|16|lower||
718490000|Clinical Outcomes in Routine Evaluation Outcome Measure Functioning score|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v1|0|48|lower||
718612000|Clinical Outcomes in Routine Evaluation Outcome Measure Global Distress score|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v1|0|40|lower||865876006
865876006|Clinical Outcomes in Routine Evaluation Outcome Measure Global Distress score|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v2|0|40|lower||865876006
718613005|Clinical Outcomes in Routine Evaluation Outcome Measure Problems symptom score|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v1|0|48|lower||
865877002|Clinical Outcomes in Routine Evaluation Outcome Measure Risk/Harm score (observable entity)|CORE-OM (Clinical Outcomes in Routine Evaluation - Outcome Measure)|v1|0|24|lower||
987191000000101|Current View Contextual Problems score - community|Current View|v2|0|3||999|
987201000000104|Current View Contextual Problems score - home|Current View|v2|0|3||999|
987211000000102|Current View Contextual Problems score - school, work or training|Current View|v2|0|3||999|
987221000000108|Current View Contextual Problems score - service engagement|Current View|v2|0|3||999|
987231000000105|Current View Education,Employment,Training score - attainment difficulties|Current View|v2|0|3||999|
987241000000101|Current View Education,Employment,Training score - attendance difficulties|Current View|v2|0|3||999|
987251000000103|Current View Provisional Problem Description item 1 score - anxious away from caregivers|Current View|v2|0|3||999|
987261000000100|Current View Provisional Problem Description item 2 score - anxious in social situations|Current View|v2|0|3||999|
987271000000107|Current View Provisional Problem Description item 3 score - anxious generally|Current View|v2|0|3||999|
987281000000109|Current View Provisional Problem Description item 4 score - compelled to do or think things|Current View|v2|0|3||999|
987291000000106|Current View Provisional Problem Description item 5 score - panics|Current View|v2|0|3||999|
987301000000105|Current View Provisional Problem Description item 6 score - avoids going out|Current View|v2|0|3||999|
987311000000107|Current View Provisional Problem Description item 7 score - avoids specific things|Current View|v2|0|3||999|
987321000000101|Current View Provisional Problem Description item 8 score - repetitive problematic behaviours|Current View|v2|0|3||999|
987331000000104|Current View Provisional Problem Description item 9 score - depression/low mood|Current View|v2|0|3||999|
987341000000108|Current View Provisional Problem Description item 10 score - self-harm|Current View|v2|0|3||999|
987351000000106|Current View Provisional Problem Description item 11 score - extremes of mood|Current View|v2|0|3||999|
987361000000109|Current View Provisional Problem Description item 12 score - delusional beliefs and hallucinations|Current View|v2|0|3||999|
987371000000102|Current View Provisional Problem Description item 13 score - drug and alcohol difficulties|Current View|v2|0|3||999|
987381000000100|Current View Provisional Problem Description item 14 score - difficulties sitting still or concentrating|Current View|v2|0|3||999|
987391000000103|Current View Provisional Problem Description item 15 score - behavioural difficulties|Current View|v2|0|3||999|
987401000000100|Current View Provisional Problem Description item 16 score - poses risk to others|Current View|v2|0|3||999|
987411000000103|Current View Provisional Problem Description item 17 score - carer management of CYP (child or young person) behaviour|Current View|v2|0|3||999|
987421000000109|Current View Provisional Problem Description item 18 score - doesn't get to toilet in time|Current View|v2|0|3||999|
987431000000106|Current View Provisional Problem Description item 19 score - disturbed by traumatic event|Current View|v2|0|3||999|
987441000000102|Current View Provisional Problem Description item 20 score - eating issues|Current View|v2|0|3||999|
987451000000104|Current View Provisional Problem Description item 21 score - family relationship difficulties|Current View|v2|0|3||999|
987461000000101|Current View Provisional Problem Description item 22 score - problems in attachment to parent or carer|Current View|v2|0|3||999|
987471000000108|Current View Provisional Problem Description item 23 score - peer relationship difficulties|Current View|v2|0|3||999|
987481000000105|Current View Provisional Problem Description item 24 score - persistent difficulties managing relationships with others|Current View|v2|0|3||999|
987491000000107|Current View Provisional Problem Description item 25 score - does not speak|Current View|v2|0|3||999|
987501000000101|Current View Provisional Problem Description item 26 score - gender discomfort issues|Current View|v2|0|3||999|
987511000000104|Current View Provisional Problem Description item 27 score - unexplained physical symptoms|Current View|v2|0|3||999|
987521000000105|Current View Provisional Problem Description item 28 score - unexplained developmental difficulties|Current View|v2|0|3||999|
987531000000107|Current View Provisional Problem Description item 29 score - self-care issues|Current View|v2|0|3||999|
987541000000103|Current View Provisional Problem Description item 30 score - adjustment to health issues|Current View|v2|0|3||999|
1037651000000100|DIALOG patient rated outcome measure item 1 score - how satisfied are you with your mental health|DIALOG|v2|1|7|higher||
1037661000000102|DIALOG patient rated outcome measure item 2 score - how satisfied are you with your physical health|DIALOG|v2|1|7|higher||
1037671000000109|DIALOG patient rated outcome measure item 3 score - how satisfied are you with your job situation|DIALOG|v2|1|7|higher||
1037681000000106|DIALOG patient rated outcome measure item 4 score - how satisfied are you with your accommodation|DIALOG|v2|1|7|higher||
1037691000000108|DIALOG patient rated outcome measure item 5 score - how satisfied are you with your leisure activities|DIALOG|v2|1|7|higher||
1037701000000108|DIALOG patient rated outcome measure item 6 score - how satisfied are you with your friendships|DIALOG|v2|0|7|higher||1833391000000107
1037711000000105|DIALOG patient rated outcome measure item 7 score - how satisfied are you with your partner/family|DIALOG|v2|0|7|higher||1833401000000105
1037721000000104|DIALOG patient rated outcome measure item 8 score - how satisfied are you with your personal safety|DIALOG|v2|1|7|higher||
1037731000000102|DIALOG patient rated outcome measure item 9 score - how satisfied are you with your medication|DIALOG|v2|1|7|higher||
1037741000000106|DIALOG patient rated outcome measure item 10 score - how satisfied are you with the practical help you receive|DIALOG|v2|1|7|higher||
1037751000000109|DIALOG patient rated outcome measure item 11 score - how satisfied are you with consultations with mental health professionals|DIALOG|v2|1|7|higher||
959601000000103|Eating Disorder Examination Questionnaire - Adolescents, 14-16 years - eating concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
959611000000101|Eating Disorder Examination Questionnaire - Adolescents, 14-16 years - global score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
959621000000107|Eating Disorder Examination Questionnaire - Adolescents, 14-16 years - restraint subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
959631000000109|Eating Disorder Examination Questionnaire - Adolescents, 14-16 years - shape concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
959641000000100|Eating Disorder Examination Questionnaire - Adolescents, 14-16 years - weight concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
473345001|Eating disorder examination questionnaire eating concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
446826001|Eating disorder examination questionnaire global score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
473348004|Eating disorder examination questionnaire restraint subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
473346000|Eating disorder examination questionnaire shape concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
473347009|Eating disorder examination questionnaire weight concern subscale score|Eating Disorder Examination Questionnaire (EDE-Q)|v2|0|6|||
1323931000000105|Eating Disorders Quality of Life Scale (EDQLS) outcome measure|Eating Disorders Quality of Life Scale (EDQLS) outcome measure|v1|0|200|||
445455005|Generalized anxiety disorder 7 item score|Genralised Anxiety Disorder 7 (GAD-7)|v2|0|21|lower||
959951000000108|Goal Progress Chart - Child/Young Person - goal score|Goal Based Outcomes (GBO)|v2|0|10|higher||
1034351000000101|Goal Progress Chart - Child/Young Person - goal 1 score|Goal Based Outcomes (GBO)|v2|0|10|higher||
1034361000000103|Goal Progress Chart - Child/Young Person - goal 2 score|Goal Based Outcomes (GBO)|v2|0|10|higher||
1034371000000105|Goal Progress Chart - Child/Young Person - goal 3 score|Goal Based Outcomes (GBO)|v2|0|10|higher||
718441000|Group Session Rating Scale score|Group Session Rating Scale (GSRS)|v2|0|40|||718441000
960711000000108|Group Session Rating Scale score|Group Session Rating Scale (GSRS)|v1|0|40|||718441000
980761000000107|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 1 score - behavioural disturbance|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980771000000100|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 2 score - non-accidental self-injury|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980781000000103|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 3 score - problem-drinking or drug-use|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980791000000101|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 4 score - cognitive problems|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980801000000102|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 5 score - problems related to physical illness/disability|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980811000000100|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 6 score - problems associated with hallucinations and/or delusions (or false beliefs)|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980821000000106|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 7 score - problems with depressive symptoms|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980831000000108|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 8 score - other mental and behavioural problems|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980841000000104|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 9 score - problems with social or supportive relationships|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980851000000101|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 10 score - problems with activities of daily living|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980861000000103|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 11 score - overall problems with living conditions|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
980871000000105|HoNOS 65+ (Health of the Nation Outcome Scales 65+) rating scale 12 score - problems with work and leisure activities - quality of daytime environment|HoNOS 65+ (Older Persons)|v2|0|4|lower|9|
979641000000103|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 1 score - overactive, aggressive, disruptive or agitated behaviour|HoNOS Working Age Adults|v2|0|4|lower|9|
979651000000100|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 2 score - non-accidental self-injury|HoNOS Working Age Adults|v2|0|4|lower|9|
979661000000102|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 3 score - problem drinking or drug-taking|HoNOS Working Age Adults|v2|0|4|lower|9|
979671000000109|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 4 score - cognitive problems|HoNOS Working Age Adults|v2|0|4|lower|9|
979681000000106|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 5 score - physical illness or disability problems|HoNOS Working Age Adults|v2|0|4|lower|9|
979691000000108|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 6 score - problems associated with hallucinations and delusions|HoNOS Working Age Adults|v2|0|4|lower|9|
979701000000108|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 7 score - problems with depressed mood|HoNOS Working Age Adults|v2|0|4|lower|9|
979711000000105|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 8 score - other mental and behavioural problems|HoNOS Working Age Adults|v2|0|4|lower|9|
979721000000104|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 9 score - problems with relationships|HoNOS Working Age Adults|v2|0|4|lower|9|
979731000000102|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 10 score - problems with activities of daily living|HoNOS Working Age Adults|v2|0|4|lower|9|
979741000000106|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 11 score - problems with living conditions|HoNOS Working Age Adults|v2|0|4|lower|9|
979751000000109|HoNOS (Health of the Nation Outcome Scales) for working age adults rating scale 12 score - problems with occupation and activities|HoNOS Working Age Adults|v2|0|4|lower|9|
1052961000000108|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 1 score - active disturbance of social behaviour|HoNOS-ABI|v2|0|4|lower|9|
1052971000000101|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 2 score - self directed injury|HoNOS-ABI|v2|0|4|lower|9|
1052981000000104|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 3 score - problem drinking or drug use|HoNOS-ABI|v2|0|4|lower|9|
1052991000000102|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 4 score - cognitive problems|HoNOS-ABI|v2|0|4|lower|9|
1053001000000103|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 5 score - physical illness or disability problems|HoNOS-ABI|v2|0|4|lower|9|
1053011000000101|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 6 score - problems associated with hallucinations or delusions or confabulations|HoNOS-ABI|v2|0|4|lower|9|
1053021000000107|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 7 score - problems with depressive symptoms|HoNOS-ABI|v2|0|4|lower|9|
1053031000000109|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 8 score - other mental and behavioural problems|HoNOS-ABI|v2|0|4|lower|9|
1053041000000100|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 9 score - problems with relationships|HoNOS-ABI|v2|0|4|lower|9|
1053051000000102|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 10 score - problems with activities of daily living|HoNOS-ABI|v2|0|4|lower|9|
1053061000000104|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 11 score - problems with living conditions|HoNOS-ABI|v2|0|4|lower|9|
1053071000000106|Health of the Nation Outcome Scales for Acquired Brain Injury rating scale 12 score - problems with activities|HoNOS-ABI|v2|0|4|lower|9|
989881000000104|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 1 score - disruptive, antisocial or aggressive behaviour|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989931000000107|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 2 score - overactivity, attention and concentration|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989941000000103|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 3 score - non-accidental self injury|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989951000000100|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 4 score - alcohol, substance/solvent misuse|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989961000000102|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 5 score - scholastic or language skills|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989971000000109|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 6 score - physical illness or disability problems|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989981000000106|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 7 score - hallucinations and delusions|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989991000000108|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 8 score - non-organic somatic symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
990001000000107|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 9 score - emotional and related symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989891000000102|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 10 score - peer relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989901000000101|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 11 score - self care and independence|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989911000000104|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 12 score - family life and relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989921000000105|HoNOSCA (Health of the Nation Outcome Scales for Children and Adolescents) - parent's assessment scale 13 score - poor school attendance|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989751000000102|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 1 score - disruptive, antisocial or aggressive behaviour|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989801000000109|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 2 score - overactivity, attention and concentration|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989811000000106|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 3 score - non-accidental self injury|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989821000000100|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 4 score - alcohol, substance/solvent misuse|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989831000000103|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 5 score - scholastic or language skills|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989841000000107|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 6 score - physical illness or disability problems|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989851000000105|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 7 score - hallucinations and delusions|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989861000000108|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 8 score - non-organic somatic symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989871000000101|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 9 score - emotional and related symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989761000000104|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 10 score - peer relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989771000000106|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 11 score - self care and independence|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989781000000108|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 12 score - family life and relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989791000000105|HoNOSCA-CR (Health of the Nation Outcome Scales for Children and Adolescents - clinician-rated) scale 13 score - poor school attendance|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989621000000101|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 1 score - disruptive, antisocial or aggressive behaviour|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989671000000102|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 2 score - overactivity, attention and concentration|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989681000000100|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 3 score - non-accidental self injury|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989691000000103|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 4 score - alcohol, substance/solvent misuse|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989701000000103|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 5 score - scholastic or language skills|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989711000000101|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 6 score - physical illness or disability problems|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989721000000107|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 7 score - hallucinations and delusions|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989731000000109|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 8 score - non-organic somatic symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989741000000100|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 9 score - emotional and related symptoms|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989631000000104|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 10 score - peer relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989641000000108|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 11 score - self care and independence|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989651000000106|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 12 score - family life and relationships|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
989661000000109|HoNOSCA-SR (Health of the Nation Outcome Scales for Children and Adolescents - self-rated) scale 13 score - poor school attendance|HoNOS-CA (Child and Adolescent)|v2|0|4|lower|9|
987711000000106|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 1 score - behavioural problems (directed at others)|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987811000000101|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 2 score - behavioural problems directed towards self (self-injury)|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
988261000000101|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 3A score - behaviour destructive to property|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
988271000000108|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 3B score - problems with personal behaviours|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
988291000000107|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 3D score - anxiety, phobias, obsessive or compulsive behaviour|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
988301000000106|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 3E score - others|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987831000000109|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 4 score - attention and concentration|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987841000000100|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 5 score - memory and orientation|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987851000000102|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 6 score - communication (problems with understanding)|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987861000000104|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 7 score - communication (problems with expression)|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987871000000106|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 8 score - problems associated with hallucinations and delusions|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987881000000108|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 9 score - problems associated with mood changes|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987721000000100|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 10 score - problems with sleeping|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987731000000103|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 11 score - problems with eating and drinking|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987741000000107|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 12 score - physical problems|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987751000000105|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 13 score - seizures|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987761000000108|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 14 score - activities of daily living at home|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987771000000101|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 15 score - activities of daily living outside the home|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987781000000104|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 16 score - level of self-care|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987791000000102|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 17 score - problems with relationships|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
987801000000103|HoNOS-LD (Health of the Nation Outcome Scales for People with Learning Disabilities) rating scale 18 score - occupation and activities|HoNOS-LD (Learning Disabilities)|v2|0|4|lower|9|
981391000000108|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale A score - risk of harm to adults or children|HoNOS-Secure|v2|0|4|lower|9|
981401000000106|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale B score - risk of self-harm (deliberate or accidental)|HoNOS-Secure|v2|0|4|lower|9|
981411000000108|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale C score - need for buildings security to prevent escape|HoNOS-Secure|v2|0|4|lower|9|
981421000000102|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale D score - need for safely staffed living environment|HoNOS-Secure|v2|0|4|lower|9|
981431000000100|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale E score - need for escort on leave (beyond secure perimeter)|HoNOS-Secure|v2|0|4|lower|9|
981441000000109|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale F score - risk to individual from others|HoNOS-Secure|v2|0|4|lower|9|
981451000000107|HoNOS-secure (Health of the Nation Outcome Scales-secure) rating scale G score - need for risk management procedures|HoNOS-Secure|v2|0|4|lower|9|
747891000000106|IAPT (Improving Access to Psychological Therapies) assessment PEQ (Patient Experience Questionnaire) satisfaction question 1 score|IAPT Assessment Patient Experience Questionnaire|v1|0|4|||
747901000000107|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 1 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
747911000000109|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 2 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
747921000000103|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 3 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
747931000000101|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 4 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
747941000000105|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 5 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
747951000000108|IAPT (Improving Access to Psychological Therapies) treatment PEQ (Patient Experience Questionnaire) question 6 score|IAPT Treatment Patient Experience Questionnaire|v1|0|4|||
720211004|Kessler Psychological Distress Scale 10 score|Kessler Psychological Distress Scale 10|v2|10|40|lower||720211004
963561000000106|Kessler Psychological Distress Scale 10 score|Kessler Psychological Distress Scale 10|v1|0|40|lower||720211004
718459002|MAMS (Me and My School) Questionnaire behavioural difficulties score|MAMS (Me and My School) Questionnaire|v2|0|12|||718459002
718562002|MAMS (Me and My School) Questionnaire score|MAMS (Me and My School) Questionnaire|v2|0|32|||718562002
960221000000105|MAMS (Me and My School) Questionnaire behavioural difficulties score|MAMS (Me and My School) Questionnaire|v1|0|12|||718459002
960211000000104|MAMS (Me and My School) Questionnaire score|MAMS (Me and My School) Questionnaire|v1|0|32|||718562002
1047101000000106|Me and My Feelings Questionnaire behavioural subscale score|Me and My Feelings Questionnaire|v2|0|12|||
1047091000000103|Me and My Feelings Questionnaire emotional subscale score|Me and My Feelings Questionnaire|v2|0|20|||
961231000000104|How Are Things? Behavioural Difficulties (Oppositional Defiant Disorder) - Parent/Carer score|ODD (Parent)|v2|0|8|||
716613004|Outcome Rating Scale total score|Outcome Rating Scale (ORS)|v2|0|40|higher||716613004
960251000000100|Outcome Rating Scale total score|Outcome Rating Scale (ORS)|v1|0|40|higher||716613004
720433000|Patient health questionnaire 9 score|Patient Health Questionnaire (PHQ-9)|v2|0|27|lower||720433000
506701000000100|Patient health questionnaire 9 score|Patient Health Questionnaire (PHQ-9)|v1|0|27|lower||720433000
1324031000000107|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q1a Please rate how your mental health has been: when I first came into contact with the service, I was|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|4|||
1324041000000103|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q1b Please rate how your mental health has been: when I was discharged from the service, I was|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|4|||
1324051000000100|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2a Staff did not communicate with others involved in my care|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324061000000102|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2b Staff gave me the right amount of support|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324071000000109|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2c I did not get help quickly enough after referral|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324081000000106|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2d Staff listened to me and understood my problems|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324091000000108|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2e Staff did not involve me enough in my care and treatment|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324101000000100|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2f The service provided me with the information I needed|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324111000000103|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2g Staff were not sensitive to my needs|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324121000000109|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2h Staff helped me to understand my illness/difficulties|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324131000000106|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2i Staff were not sensitive to the needs of my baby|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324141000000102|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2j Staff helped me be more confident with caring for my baby|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324151000000104|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2k The service involved other relevant people in a helpful way|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324161000000101|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q2l I would recommend this service to others|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324211000000106|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3a The unit was clean and hygienic|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324221000000100|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3b The unit did not provide a good place for me to recover|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324231000000103|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3c The unit did not provide helpful activities and therapies|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324241000000107|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3d The unit provided a good place for my baby to be with me|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324251000000105|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3e The unit supported me in my contact with family and friends|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
1324261000000108|Perinatal POEM (Patient-rated Outcome and Experience Measure) - Q3f The food provided was not acceptable to me|Perinatal POEM (Patient-rated Outcome and Experience Measure)|v1|0|3|||
492451000000101|Problem Gambling Severity Index score|PGSI (Problem Gambling Severity Index)|v1|0|27|||
1035441000000106|Questionnaire about the Process of Recovery total score|Questionnaire about the Process of Recovery (QPR)|v2|0|60|||
718655001|RCADS (Revised Childrens Anxiety and Depression Scale) - Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|30|||718655001
718656000|RCADS (Revised Childrens Anxiety and Depression Scale) - Generalized Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|18|||718656000
718657009|RCADS (Revised Childrens Anxiety and Depression Scale) - Obsessions/Compulsions score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|18|||718657009
718658004|RCADS (Revised Childrens Anxiety and Depression Scale) - Panic score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|27|||718658004
718665007|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|30|||718665007
718666008|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Generalized Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|18|||718666008
718667004|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Obsessions/Compulsions score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|18|||718667004
718668009|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Panic score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|27|||718668009
718669001|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Separation Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|21|||718669001
718670000|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Social Phobia score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|27|||718670000
718672008|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Total Anxiety and Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|141|||718672008
718671001|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Total Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|111|||718671001
718659007|RCADS (Revised Childrens Anxiety and Depression Scale) - Separation Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|21|||718659007
718660002|RCADS (Revised Childrens Anxiety and Depression Scale) - Social Phobia score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|27|||718660002
718662005|RCADS (Revised Childrens Anxiety and Depression Scale) - Total Anxiety and Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|141|||718662005
718661003|RCADS (Revised Childrens Anxiety and Depression Scale) - Total Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v2|0|111|||718661003
958231000000102|RCADS (Revised Childrens Anxiety and Depression Scale) - Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|30|||718655001
958251000000109|RCADS (Revised Childrens Anxiety and Depression Scale) - Generalized Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|18|||718656000
958261000000107|RCADS (Revised Childrens Anxiety and Depression Scale) - Obsessions/Compulsions score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|18|||718657009
958221000000104|RCADS (Revised Childrens Anxiety and Depression Scale) - Panic score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|27|||718658004
958301000000102|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|30|||718665007
958311000000100|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Generalized Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|18|||718666008
958321000000106|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Obsessions/Compulsions score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|18|||718667004
958331000000108|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Panic score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|27|||718668009
958341000000104|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Separation Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|21|||718669001
958351000000101|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Social Phobia score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|27|||718670000
958361000000103|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Total Anxiety and Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|141|||718672008
958371000000105|RCADS (Revised Childrens Anxiety and Depression Scale) - Parent version - Total Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|111|||718671001
958241000000106|RCADS (Revised Childrens Anxiety and Depression Scale) - Separation Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|21|||718659007
958211000000105|RCADS (Revised Childrens Anxiety and Depression Scale) - Social Phobia score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|27|||718660002
958281000000103|RCADS (Revised Childrens Anxiety and Depression Scale) - Total Anxiety and Depression score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|141|||718662005
958271000000100|RCADS (Revised Childrens Anxiety and Depression Scale) - Total Anxiety score|RCADS (Revised Childrens Anxiety and Depression Scale)|v1|0|111|||718661003
1091071000000100|Recovering Quality of Life 10-item questionnaire score|ReQoL (Recovering Quality of Life 10-item)|v1|0|40|higher||
1091081000000103|Recovering Quality of Life 20-item questionnaire score|ReQoL (Recovering Quality of Life 20-item)|v1|0|80|higher||
720197006|SCORE Index of Family Function and Change - 15 - average total score|SCORE-15 Index of Family Functioning and Change|v2|1|5|||720197006
718434006|SCORE Index of Family Function and Change - 15 - Dimension 1 - Strengths and Adaptability average score|SCORE-15 Index of Family Functioning and Change|v2|1|5|||718434006
720200007|SCORE Index of Family Function and Change - 15 - Dimension 1 - Strengths and Adaptability total score|SCORE-15 Index of Family Functioning and Change|v2|5|25|||720200007
718456009|SCORE Index of Family Function and Change - 15 - Dimension 2 - Overwhelmed by Difficulties average score|SCORE-15 Index of Family Functioning and Change|v2|1|5|||718456009
720196002|SCORE Index of Family Function and Change - 15 - Dimension 2 - Overwhelmed by Difficulties total score|SCORE-15 Index of Family Functioning and Change|v2|5|25|||720196002
721955008|SCORE Index of Family Function and Change - 15 - Dimension 3 - Disrupted Communication average score|SCORE-15 Index of Family Functioning and Change|v2|1|5|||721955008
720594007|SCORE Index of Family Function and Change - 15 - Dimension 3 - Disrupted Communication total score|SCORE-15 Index of Family Functioning and Change|v2|5|25|||720594007
718455008|SCORE Index of Family Function and Change - 15 - total score|SCORE-15 Index of Family Functioning and Change|v2|15|75|||718455008
960021000000100|SCORE Index of Family Function and Change - 15 - average total score|SCORE-15 Index of Family Functioning and Change|v1|1|5|||720197006
960131000000104|SCORE Index of Family Function and Change - 15 - Dimension 1 - Strengths and Adaptability average score|SCORE-15 Index of Family Functioning and Change|v1|1|5|||718434006
959981000000102|SCORE Index of Family Function and Change - 15 - Dimension 1 - Strengths and Adaptability total score|SCORE-15 Index of Family Functioning and Change|v1|5|25|||720200007
960141000000108|SCORE Index of Family Function and Change - 15 - Dimension 2 - Overwhelmed by Difficulties average score|SCORE-15 Index of Family Functioning and Change|v1|1|5|||718456009
959991000000100|SCORE Index of Family Function and Change - 15 - Dimension 2 - Overwhelmed by Difficulties total score|SCORE-15 Index of Family Functioning and Change|v1|5|25|||720196002
960151000000106|SCORE Index of Family Function and Change - 15 - Dimension 3 - Disrupted Communication average score|SCORE-15 Index of Family Functioning and Change|v1|1|5|||721955008
960001000000109|SCORE Index of Family Function and Change - 15 - Dimension 3 - Disrupted Communication total score|SCORE-15 Index of Family Functioning and Change|v1|5|25|||720594007
959961000000106|SCORE Index of Family Function and Change - 15 - total score|SCORE-15 Index of Family Functioning and Change|v1|15|75|||718455008
1047381000000103|Session Feedback Questionnaire item 1 score - did you feel listened to|Session Feedback Questionnaire (SFQ)|v2|1|5||999|
1047391000000101|Session Feedback Questionnaire item 2 score - did you talk about what you wanted to talk about|Session Feedback Questionnaire (SFQ)|v2|1|5||999|
1047401000000103|Session Feedback Questionnaire item 3 score - did you understand the things said in the meeting|Session Feedback Questionnaire (SFQ)|v2|1|5||999|
1047411000000101|Session Feedback Questionnaire item 4 score - did you feel the meeting gave you ideas for what to do|Session Feedback Questionnaire (SFQ)|v2|1|5||999|
720482000|Session Rating Scale score|Session Rating Scale (SRS)|v2|0|40|||720482000
960451000000101|Session Rating Scale score|Session Rating Scale (SRS)|v1|0|40|||720482000
860641000000108|Sheffield learning disabilities outcome measure score|Sheffield Learning Disabilities Outcome Measure (SLDOM)|v2|0|40|||
718466001|Short Warwick-Edinburgh Mental Well-being Scale score|Short Warwick-Edinburgh Mental Well-being Scale (SWEMWBS)|v2|7|35|higher||718466001
960481000000107|Short Warwick-Edinburgh Mental Well-being Scale score|Short Warwick-Edinburgh Mental Well-being Scale (SWEMWBS)|v1|7|35|higher||718466001
986241000000103|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - conduct problems - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986311000000109|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - conduct problems - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986251000000100|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - emotional symptoms - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986321000000103|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - emotional symptoms - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986261000000102|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - hyperactivity - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986331000000101|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - hyperactivity - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986271000000109|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - impact - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|6|||
986341000000105|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - impact - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986281000000106|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - peer problems - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986351000000108|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - peer problems - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986291000000108|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - prosocial - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986361000000106|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - prosocial - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986301000000107|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - total difficulties - educator score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|40|||
986371000000104|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 2-4 year olds - total difficulties - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|40|||
986061000000108|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - conduct problems - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986151000000106|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - conduct problems - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986071000000101|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - emotional symptoms - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986161000000109|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - emotional symptoms - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986081000000104|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - hyperactivity - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986171000000102|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - hyperactivity - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986091000000102|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - impact - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986181000000100|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - impact - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986101000000105|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - peer problems - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986191000000103|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - peer problems - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986111000000107|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - prosocial - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986201000000101|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - prosocial - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||
986121000000101|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - total difficulties - parent score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|40|||
986211000000104|SDQ (Strengths and Difficulties Questionnaire) for parents or educators of 4-17 year olds - total difficulties - teacher score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|40|||
718143006|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - conduct problems score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718143006
718145004|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - emotional symptoms score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718145004
718482000|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - hyperactivity score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718482000
718477007|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - impact score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718477007
718146003|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - peer problems score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718146003
718147007|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - prosocial score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|10|||718147007
718134002|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - total difficulties score|Strengths and Difficulties Questionnaire (SDQ)|v2|0|40|||718134002
985991000000105|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - conduct problems score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718143006
986001000000109|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - emotional symptoms score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718145004
986011000000106|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - hyperactivity score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718482000
986051000000105|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - impact score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718477007
986021000000100|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - peer problems score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718146003
986031000000103|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - prosocial score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|10|||718147007
986041000000107|SDQ (Strengths and Difficulties Questionnaire) self-rated for 11-17 year olds - total difficulties score|Strengths and Difficulties Questionnaire (SDQ)|v1|0|40|||718134002
716618008|Therapy outcome measure activity scale|Therapy Outcome Measures (TOMS)|v1|0|5|higher||
718040006|Therapy outcome measure carer wellbeing scale|Therapy Outcome Measures (TOMS)|v1|0|5|higher||
718164005|Therapy outcome measure impairment scale|Therapy Outcome Measures (TOMS)|v1|0|5|higher||
718045001|Therapy outcome measure participation scale|Therapy Outcome Measures (TOMS)|v1|0|5|higher||
718038001|Therapy outcome measure wellbeing scale|Therapy Outcome Measures (TOMS)|v1|0|5|higher||
718426000|Warwick-Edinburgh Mental Well-being Scale score|Warwick-Edinburgh Mental Well-being Scale (WEMWBS)|v2|14|70|higher||718426000
885541000000103|Warwick-Edinburgh Mental Well-being Scale score|Warwick-Edinburgh Mental Well-being Scale (WEMWBS)|v1|14|70|higher||718426000
718461006|Young Child Outcome Rating Scale score|Young Child Outcome Rating Scale (YCORS)|v2|1|4|higher||718461006
960391000000100|Young Child Outcome Rating Scale score|Young Child Outcome Rating Scale (YCORS)|v1|1|4|higher||718461006
718437004|Young Person's Clinical Outcomes in Routine Evaluation clinical score|YP-CORE|v2|0|40|lower||718437004
960601000000104|Young Person's Clinical Outcomes in Routine Evaluation clinical score|YP-CORE|v1|0|40|lower||718437004
1874351000000100||||0|15|||
1874361000000102||||0|15|||
1874301000000101||||0|15|||
1874311000000104||||0|15|||
1874321000000105||||0|15|||
1874331000000107||||0|15|||
1874341000000103||||0|15|||
1874291000000100||||0|15|||
1638881000000101||||0|120|||
1638871000000103||||0|96|||
1638891000000104||||0|48|||
1638851000000107||||0|264|||
1638781000000105||||0|40|||
1638821000000102||||0|40|||
447162005||||0|60|||
763264000|Clinical frailty scale score|Rockwood Clinical Frailty Scale||1|9|lower||
1833391000000107|DIALOG patient rated outcome measure item 6 score - how satisfied are you with your friendships|DIALOG|v3|1|8|higher||1833391000000107
1833401000000105|DIALOG patient rated outcome measure item 7 score - how satisfied are you with your partner/family|DIALOG|v3|1|8|higher||1833401000000105
921661000000104||||0|63|||
1638531000000102||||0|10|||
1638541000000106||||0|10|||
1638551000000109||||0|10|||
718866005||||0|35|||
718865009||||0|35|||
1638571000000100||||0|12|||
1638561000000107||||0|18|||
1638581000000103||||0|48|||
1638601000000107||||0|27|||
1638591000000101||||0|45|||
1638631000000101||||0|15|||
1638611000000109||||0|21|||
1638711000000103||||0|24|||
1638651000000108||||0|15|||
1638641000000105||||0|15|||
1638661000000106||||0|39|||
1638671000000104||||0|24|||
1638681000000102||||0|45|||
1638691000000100||||0|18|||
1638701000000100||||0|27|||
1638621000000103||||0|33|||
1873981000000107||||0|8|||
1873991000000109||||0|8|||
1874021000000108||||0|10|||
1874041000000101||||0|10|||
1874031000000105||||0|10|||
1873951000000101||||0|46|||
1854951000000102||||0|45|||
1854961000000104||||0|30|||
1854901000000103||||0|45|||
1854911000000101||||0|30|||
1062771000000106||||0|5|||
1062781000000108||||0|5|||
1062791000000105||||0|5|||
1062801000000109||||0|5|||
1062811000000106||||0|5|||
1062871000000101||||0|5|||
1062881000000104||||0|5|||
1062891000000102||||0|5|||
1062901000000101||||0|5|||
1062911000000104||||0|5|||
1061551000000104||||0|5|||
1061561000000101||||0|5|||
1061571000000108||||0|5|||
1061581000000105||||0|5|||
1061591000000107||||0|5|||
1061601000000101||||0|5|||
1061611000000104||||0|5|||
1061621000000105||||0|5|||
1061631000000107||||0|5|||
1061641000000103||||0|5|||
1061651000000100||||0|5|||
1061661000000102||||0|5|||
1061671000000109||||0|5|||
1061681000000106||||0|5|||
1061691000000108||||0|5|||
1061801000000102||||0|5|||
1061811000000100||||0|5|||
1061821000000106||||0|5|||
1061831000000108||||0|5|||
1061841000000104||||0|5|||
"""
"""Code, term, tool, version, lowest, highest, better, score that means not known, series."""


def _scale(line: str) -> Scale:
    code, term, tool, version, low, high, better, not_known, series = line.split("|")
    return Scale(code, term, tool, version, float(low), float(high), better, not_known, series)


SCALES: Final[dict[str, Scale]] = {scale.code: scale for scale in map(_scale, _TABLE.splitlines())}
"""By SNOMED CT code."""
